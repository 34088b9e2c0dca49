"""Whatever a file looks like: no traceback, and no row is lost without a word."""

import contextlib
import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord_cli.records import CONCORD, Codes, ColumnMapping, InvalidRecords, Judged, RecordsFile, judge_file, propose
from concord_cli.records.moments import BadTime
from concord_cli.records.proposed_times import CANDIDATES
from concord_cli.records.times import TimeReader

ZONE = ZoneInfo("America/New_York")
HEAD = ("n_id", "n_category", "n_text", "n_time", "n_lon", "n_lat", "n_area")
CELL = st.one_of(
    st.sampled_from(
        ["", " ", "7", "pothole", "2026-11-02", "2026-11-02 10:00", "-71.09", "42,31", '"', "a;b,c\td", "1E+11"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12),
)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=8), max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


def judged(file: Path) -> Judged:
    return judge_file(RecordsFile(file, CONCORD, ZONE, now=datetime(2026, 12, 1, tzinfo=UTC)))


def is_empty(row: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in row)


@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    titles=st.integers(0, 3),
    has_sep=st.booleans(),
)
def test_each_row_of_any_dialect_is_a_record_a_refusal_or_the_same_as_one_before(
    folder: Path,
    rows: list[list[str]],
    delimiter: str,
    quoting: int,
    end: str,
    encoding: str,
    titles: int,
    has_sep: bool,
) -> None:
    text = io.StringIO(f"sep={delimiter}{end}" if has_sep else "", newline="")
    text.seek(0, io.SEEK_END)
    quoting = csv.QUOTE_ALL if end == "\r" else quoting  # csv quotes no "\n" that is not the end of lines
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([*[["Title"]] * titles, HEAD, *rows])
    file = folder / "drawn.csv"
    file.write_bytes(text.getvalue().encode(encoding))
    found = judged(file)
    same = [note for note in found.notes if note.text.startswith("the same as")]
    assert found.rows + len(same) == sum(not is_empty(row) for row in rows)


@given(lines=st.lists(st.text('ab",;\\ \t\u00e9', max_size=15), max_size=15))
def test_no_text_of_a_broken_file_is_lost(folder: Path, lines: list[str]) -> None:
    marked = [f"@{number}@{line}" for number, line in enumerate(lines)]
    file = folder / "broken.csv"
    file.write_text("\n".join([",".join(HEAD), *marked]), "utf-8")
    found = judged(file)
    kept = "".join(cell for row in found.refused for cell in row.cells)
    kept += "".join(str(record) for record in found.records)
    assert set(re.findall("@[0-9]+@", kept)) == {f"@{number}@" for number in range(len(lines))}


@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
)
def test_no_content_ends_in_a_traceback(folder: Path, content: bytes) -> None:
    file = folder / "any.csv"
    for head in (b"", ",".join(HEAD).encode() + b"\n"):
        file.write_bytes(head + content)
        for read in (judged, propose):
            with contextlib.suppress(InvalidRecords):
                read(file)


@given(
    local=st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),  # noqa: DTZ001
    form=st.sampled_from([form for form in CANDIDATES if "ss" in form]),
)
def test_a_time_in_any_form_is_the_time_that_was_written(local: datetime, form: str) -> None:
    parts = {
        "YYYY": f"{local:%Y}", "MON": f"{local:%b}", "MM": f"{local:%m}", "DD": f"{local:%d}", "HH": f"{local:%H}",
        "hh": f"{local:%I}", "mm": f"{local:%M}", "ss": f"{local:%S}", "AM": f"{local:%p}",
    }  # fmt: skip
    text = re.sub("|".join(parts), lambda part: parts[part.group()], form)
    moment = TimeReader(ZONE, (form,)).read(text)
    assert moment
    if moment.note is None:
        assert moment.first.replace(tzinfo=None, fold=0) == local.replace(microsecond=0)


@given(text=st.text(max_size=30), forms=st.lists(st.sampled_from(CANDIDATES), max_size=3))
def test_any_text_is_a_time_or_a_bad_time(text: str, forms: list[str]) -> None:
    with contextlib.suppress(BadTime):
        TimeReader(ZONE, forms).read(text)


@given(
    day=st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    zone=st.sampled_from(["America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Africa/Casablanca", "UTC"]),
)
def test_days_follow_one_another_without_gap_or_overlap(day: date, zone: str) -> None:
    reader = TimeReader(ZoneInfo(zone))
    today, tomorrow = (reader.read(each.isoformat()) for each in (day, day + timedelta(days=1)))
    assert today
    assert tomorrow
    assert today.last.astimezone(UTC) + timedelta(seconds=1) == tomorrow.first.astimezone(UTC)


@settings(max_examples=50)
@given(texts=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5), make=st.booleans())
def test_a_category_has_a_code_or_is_counted(folder: Path, texts: list[str], make: bool) -> None:
    mapping = ColumnMapping(
        {"id": ("i",), "category": ("c",), "time": ("t",)}, categories=Codes({"hole": "pothole"}, make_codes=make)
    )
    file = folder / "categories.csv"
    with file.open("w", encoding="utf-8", newline="", errors="replace") as out:
        csv.writer(out).writerows([("i", "c", "t"), *[(str(n), text, "") for n, text in enumerate(texts)]])
    found = judge_file(RecordsFile(file, mapping))
    without = [row for row in found.refused if "has no code" in row.reason]
    assert sum(found.unmapped.values()) == len(without)
    assert all(record.category for record in found.records)
