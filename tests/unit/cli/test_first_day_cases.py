"""The cases of the first day and whole exports, where the shared folder is at hand."""

import math
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from concord_cli.common.records import Record
from concord_cli.records import Judged, RecordsFile, code_of, judge_file, ready_mapping

SHARED = Path(__file__).resolve().parents[4] / "shared"
DATA = Path(os.environ.get("CONCORD_CITY_DATA", SHARED / "data"))
CASES = Path(os.environ.get("CONCORD_CASES", SHARED / "cases")) / "first-day"
needs_data = pytest.mark.skipif(
    not (DATA / "boston" / "records.csv").is_file(), reason="the full data are not here (CONCORD_CITY_DATA)"
)
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here (CONCORD_CASES)")
ZONES = {"boston": "America/New_York", "vancouver": "America/Vancouver", "surrey-heath-uk": "Europe/London"}


def read(file: Path, mapping: str, zone: str = "America/New_York") -> Judged:
    return judge_file(RecordsFile(file, ready_mapping(mapping), ZoneInfo(zone), now=datetime(2026, 12, 1, tzinfo=UTC)))


@needs_cases
@pytest.mark.parametrize(
    ("name", "mapping", "records", "refused"),
    [
        ("02-date-only", "concord", ["b", "c", "c2", "d"], []),
        ("03-night2", "concord", ["N1", "N2", "N3"], []),
        ("05-boston-columns", "boston311", ["900000000001", "900000000002"], []),
        ("05-nyc-columns", "nyc311", ["90000001", "90000002"], []),
        ("05-chicago-columns", "chicago311", ["SR26-00000001"], []),
        ("05-la-columns", "losangeles311", ["1-900000001"], []),
        ("06-local-time", "concord", ["t1", "t2", "t3"], []),
        ("07-three-faults", "concord", ["g1", "g2"], [3, 4, 5]),
        ("09-excel-blank-tail", "concord", ["k1"], []),
        ("09-semicolon-decimal-comma", "concord", ["k1"], []),
        ("09-sep-line", "concord", ["k1"], []),
        ("09-spaces-in-header", "concord", ["k1"], []),
        ("09-title-row", "concord", ["k1"], []),
        ("10-backslash-quotes", "concord", [], [2]),
        ("11-same-and-no-id", "concord", ["7ee5"], [4]),
        ("38-excel-ids", "concord", [], [2, 3]),
    ],
)
def test_a_case(name: str, mapping: str, records: list[str], refused: list[int]) -> None:
    found = read(CASES / f"{name}.csv", mapping)
    assert [record.id for record in found.records] == records
    assert [row.line for row in found.refused] == refused


@needs_data
@pytest.mark.parametrize("city", ZONES)
def test_every_row_of_the_prepared_columns_comes_in(city: str) -> None:
    file = DATA / city / "records.csv"
    found = read(file, "concord", ZONES[city])
    assert (found.refused, len(found.records)) == ([], len(file.read_text("utf-8").splitlines()) - 1)


@needs_data
@pytest.mark.parametrize(
    ("city", "mapping"), [("boston", "boston311"), ("vancouver", "vancouver-police"), ("surrey-heath-uk", "ukpolice")]
)
def test_a_city_s_own_columns_give_the_same_as_the_prepared_ones(city: str, mapping: str) -> None:
    prepared = read(DATA / city / "records.csv", "concord", ZONES[city])
    own = read(DATA / city / "records.csv", mapping)
    assert len({record.id for record in own.records}) == len(own.records) == len(prepared.records)
    for mine, theirs in zip(own.records, prepared.records, strict=True):
        assert (mine.occurred_at, mine.opened_at, mine.closed_at) == (
            theirs.occurred_at,
            theirs.opened_at,
            theirs.closed_at,
        )
        assert _apart(mine, theirs) < 1e-6


def _apart(one: Record, other: Record) -> float:
    """Return the degrees between two records; infinity if only one has a place."""
    if one.point is None or other.point is None:
        return 0.0 if one.point is other.point else math.inf
    return max(abs(a - b) for a, b in zip(one.point, other.point, strict=True))


@needs_data
def test_ids_made_for_vancouver_count_double_rows() -> None:
    found = read(DATA / "vancouver" / "records.csv", "vancouver-police")
    doubles = Counter(record.id.partition("-")[0] for record in found.records)
    assert sum(count - 1 for count in doubles.values()) == 1848


def test_a_code_is_the_same_for_every_spelling() -> None:
    assert code_of("Street  Light-Outages") == code_of("street light outages")
