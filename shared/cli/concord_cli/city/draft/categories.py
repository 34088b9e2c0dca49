"""The categories of a city from its records."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_NAME = 120
_SENSITIVE = re.compile(
    r"\b(violen\w*|sexual|assaults?|abuse\w*|domestic|harass\w*|stalk\w*|threat\w*|drugs?|needles?|syringes?|overdos\w*"
    r"|homeless\w*|encampments?|suicid\w*|mental|medical|child\w*|hate|robber\w*|weapons?|against (a )?persons?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DraftCategory:
    """A category. `records` counts the records that have it."""

    code: str
    name: str
    sensitive: bool
    records: int


STARTING = (
    DraftCategory("noise", "Noise", False, 0),
    DraftCategory("graffiti", "Graffiti", False, 0),
    DraftCategory("street_lighting", "Street lighting", False, 0),
    DraftCategory("abandoned_vehicle", "Abandoned vehicle", False, 0),
    DraftCategory("rubbish", "Rubbish and litter", False, 0),
    DraftCategory("dangerous_conditions", "Dangerous conditions", False, 0),
    DraftCategory("other", "Other concern", False, 0),
)
"""Categories of a city without records."""


def draft_categories(counts: Mapping[str, int], codes: Mapping[str, str]) -> list[DraftCategory]:
    """Return the categories, the most frequent first. `counts` has records by code, `codes` the codes of texts.

    The one text of a code is its name. A code of several texts names itself.
    """
    texts: dict[str, list[str]] = {code: [] for code in counts}
    for text, code in codes.items():
        texts.setdefault(code, []).append(" ".join(text.split()))
    names = {code: _name(code, found) for code, found in texts.items()}
    drafted = [DraftCategory(code, name, is_sensitive(name), counts.get(code, 0)) for code, name in names.items()]
    return sorted(drafted, key=lambda category: -category.records) or list(STARTING)


def _name(code: str, texts: list[str]) -> str:
    name = texts[0] if len(texts) == 1 and texts[0] else code.replace("_", " ").replace("-", " ").strip()
    return (name[:1].upper() + name[1:MAX_NAME]) or code


def is_sensitive(name: str) -> bool:
    """Return whether an English name speaks of a person's life or health. It is a guess."""
    return _SENSITIVE.search(name) is not None
