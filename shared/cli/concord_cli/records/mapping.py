"""A mapping: which column of a records file is what, and how to read its texts. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from functools import lru_cache

ROLES = {
    "id": "the record's permanent id, unique within the source",
    "category": "the kind of concern",
    "text": "the description; several columns are joined",
    "time": "when the concern was reported",
    "closed": "when the city closed it",
    "target": "the city's own target for the response",
    "updated": "when the city last changed it; the closing time if the status says closed and no closing time is there",
    "lon": "longitude in degrees, or the easting of a projection in metres",
    "lat": "latitude in degrees, or the northing of a projection in metres",
    "point": 'the place in one cell, such as "(42.31, -71.09)" or "POINT (-71.09 42.31)"',
    "area": "the area that the city itself recorded",
    "channel": "how the report reached the city",
    "status": "the state of the work",
}
"""The columns that a mapping can name, with their meaning."""
MAX_CODE = 64
CACHED_TEXTS = 4096
_NO_CODE = re.compile(r"[^a-z0-9]+")


def code_of(text: str) -> str:
    """Return a code made of a text: `Request for Pothole Repair` becomes `request_for_pothole_repair`.

    Letters lose their accents. A text without Latin letters and digits gets a code made of its hash, and a blank text
    none.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    code = _NO_CODE.sub("_", plain).strip("_")[:MAX_CODE].rstrip("_")
    if code or not text.strip():
        return code
    return f"category_{hashlib.sha256(text.strip().encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


@dataclass(frozen=True)
class Codes:
    """Codes by the texts of a column.

    An unknown text gets a code made of it (`make_codes`), else `default`. Without both it has none. Without any of
    the three, the text itself is the code. An empty code says that its text stands for none.
    """

    codes: Dict[str, str] = field(default_factory=dict)
    default: str | None = None
    make_codes: bool = False

    def __post_init__(self) -> None:
        known = {_folded(text): code for text, code in self.codes.items()}
        object.__setattr__(self, "_code", lru_cache(CACHED_TEXTS)(lambda text: self._find(known, text)))

    @property
    def translates(self) -> bool:
        return bool(self.codes) or self.default is not None or self.make_codes

    def code(self, text: str) -> str | None:
        """Return the code of a text, or None if it has none. Upper and lower case are alike."""
        code: str | None = self._code(text)  # type: ignore[attr-defined]
        return code

    def _find(self, known: Dict[str, str], text: str) -> str | None:
        if not self.translates:
            return text or None
        if (code := known.get(_folded(text))) is not None:
            return code
        made = code_of(text) if self.make_codes else ""
        return made or self.default


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class ColumnMapping:
    """Instructions for reading a records file.

    Columns are names in its head. A role can have several, of which the first one in the file counts.

    None means: found in the file itself. `time_zone` is an IANA name, else the city's counts. `forms` are forms of
    time besides ISO 8601. `guesses` are sentences about what `propose` guessed.
    """

    columns: Dict[str, tuple[str, ...]]
    optional: frozenset[str] = frozenset()
    id_from: tuple[str, ...] = ()
    time_parts: tuple[str, ...] = ()
    source: str | None = None
    time_zone: str | None = None
    projection: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    title_rows: int | None = None
    quote_escape: str | None = None
    empty: frozenset[str] = frozenset()
    forms: tuple[str, ...] = ()
    missing_hour: str = "move"
    double_hour: str = "first"
    categories: Codes = field(default_factory=Codes)
    channels: Codes = field(default_factory=Codes)
    areas: Codes = field(default_factory=Codes)
    closed_words: tuple[str, ...] = ()
    open_words: tuple[str, ...] = ()
    closed_without_time: str = "refuse"
    guesses: tuple[str, ...] = field(default=(), compare=False)


CONCORD = ColumnMapping(
    columns={
        "id": ("n_id",),
        "category": ("n_category",),
        "text": ("n_text",),
        "time": ("n_time",),
        "closed": ("n_closed",),
        "target": ("n_target",),
        "lon": ("n_lon",),
        "lat": ("n_lat",),
        "area": ("n_area",),
        "channel": ("n_channel",),
    },
    optional=frozenset({"closed", "target", "channel"}),
)
"""The columns that Concord itself defines, which need no mapping."""
