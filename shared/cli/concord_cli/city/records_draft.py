"""The part of a first city folder that comes from the city's records."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

import click

from concord_city.adapters.toml_reader import CODE
from concord_cli.city.draft.codes import codes_for
from concord_cli.city.draft.shared_points import PointRecord
from concord_cli.common.records import Record
from concord_cli.records import Codes, ColumnMapping, read_rows
from concord_cli.records.report import some_of

MAX_CATEGORIES = 1000


@dataclass(frozen=True, slots=True)
class RecordsDraft:
    """`categories` counts the records by the texts of their categories. `refused` says why rows are no records."""

    categories: Mapping[str, int]
    points: tuple[PointRecord, ...]
    rows: int
    refused: tuple[str, ...]


class _Texts(Codes):
    """The texts themselves in place of codes; the default stands for an empty one."""

    def code(self, text: str) -> str | None:
        return text or self.default


def read_draft(file: Path, mapping: ColumnMapping, zone: tzinfo) -> RecordsDraft:
    """Read all records. Raises InvalidRecords for a file that the mapping does not fit."""
    texts: Counter[str] = Counter()
    points, refused, rows = [], [], 0
    as_they_are = replace(mapping, categories=_Texts(default=mapping.categories.default), areas=Codes())
    for row in read_rows(file, as_they_are, zone):
        rows += 1
        if isinstance(row, Record):
            texts[row.category] += 1
            points.append(PointRecord(row.point, row.area))
        else:
            refused.append(str(row))
    return RecordsDraft(texts, tuple(points), rows, tuple(refused))


def check_categories(file: Path, mapping: ColumnMapping, records: RecordsDraft) -> None:
    """Raise ClickException if the column of the categories has free text."""
    if len(records.categories) > MAX_CATEGORIES:
        column = " or ".join(mapping.columns["category"])
        raise click.ClickException(
            f"{file.name}: the column {column} has {len(records.categories):,} different texts, too many for "
            f"categories -> name another column: `concord import --propose {file} > columns.toml`, "
            "then add --columns columns.toml"
        )


def category_codes(texts: Iterable[str], codes: Codes) -> dict[str, str]:
    """Return the code of each text: that of the mapping, else one made of the text."""
    known = {text: code for text in texts if (code := _known(text, codes)) is not None}
    rest = [text for text in texts if text not in known]
    taken = set(known.values())
    made = codes_for([*rest, *taken.difference(rest)], "category", "_", lower=True)
    return known | {text: made[text] for text in rest}


def _known(text: str, codes: Codes) -> str | None:
    """Return a valid code of the mapping. Codes made of letters beyond ASCII have holes, so they do not count."""
    code = codes.code(text)
    if (
        code is None
        or not CODE.fullmatch(code)
        or (not text.isascii() and text not in codes.codes and codes.make_codes)
    ):
        return None
    return code


def with_categories(mapping: ColumnMapping, wanted: Mapping[str, str]) -> ColumnMapping:
    """Return the mapping with the codes that it would not give itself."""
    own = mapping.categories
    missing = {text: code for text, code in wanted.items() if own.code(text) != code}
    if not missing:
        return mapping
    all_codes = {**own.codes, **(missing if own.translates else wanted)}
    return replace(mapping, categories=replace(own, codes=all_codes))


def with_areas(mapping: ColumnMapping, matched: Mapping[str, str]) -> ColumnMapping:
    """Return the mapping with the codes of recorded areas, unless each text is a code."""
    if all(text == code for text, code in matched.items()):
        return mapping
    return replace(mapping, areas=replace(mapping.areas, codes={**mapping.areas.codes, **matched}))


def without_areas(mapping: ColumnMapping) -> ColumnMapping:
    """Return the mapping without the column of recorded areas."""
    return replace(mapping, columns={role: names for role, names in mapping.columns.items() if role != "area"})


def check_rows(file: Path, records: RecordsDraft) -> None:
    """Raise ClickException if there are rows, and none is a record."""
    if records.rows and len(records.refused) == records.rows:
        reasons = "\n".join(f"  {text}" for text in some_of(records.refused, "refused rows"))
        raise click.ClickException(f"nothing is written, as no row of {file.name} is a record:\n{reasons}")


def counts_by_code(categories: Mapping[str, int], codes: Mapping[str, str]) -> dict[str, int]:
    """Return the counts of texts by their codes."""
    counts: Counter[str] = Counter()
    for text, count in categories.items():
        counts[codes[text]] += count
    return dict(counts)
