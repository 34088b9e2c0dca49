"""Ready mappings, on invented rows with the columns that the cities publish."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from concord_cli.common.records import Record
from concord_cli.records import Judged, RecordsFile, find_layout, judge_file, likely_mapping, ready_mapping

EXPORTS = Path(__file__).parents[3] / "deploy/sample/exports"
NOW = datetime(2026, 12, 1, tzinfo=UTC)


READY_NAMES = ("boston311", "nyc311", "chicago311", "losangeles311", "sanfrancisco311", "vancouver-police", "ukpolice")


def read(name: str) -> Judged:
    file = EXPORTS / f"{name}.csv"
    ready = next(known for known in (name, *_parents(name)) if known in READY_NAMES)
    return judge_file(RecordsFile(file, ready_mapping(ready), now=NOW))


def _parents(name: str) -> list[str]:
    return [name.rsplit("-", cut)[0] for cut in range(1, name.count("-") + 1)]


def brief(record: Record) -> tuple[object, ...]:
    opened = record.occurred_at or record.opened_at
    return record.id, record.category, opened, record.closed_at, record.point, record.area, record.channel


A, B = (-71.09, 42.31), (-71.08, 42.32)
PRECISE = {
    "boston311": [
        ("900000000001", "street_light_outages", "2026-01-21T13:47:00-05:00", None, A, "A", "phone"),
        ("900000000002", "request_for_pothole_repair", "2026-03-08T03:30:00-04:00", "2026-03-09T08:00:00-04:00",
         (-71.07, 42.31), "B", "app"),
    ],
    "boston311-new-system": [
        ("EXA-00000001", "street_light_outage", "2026-03-20T09:00:00+00:00", None, A, "A", "phone"),
    ],
    "boston311-2015": [
        ("900000000003", "street_light_outages", "2026-01-01T00:25:23-05:00",
         "2026-01-02T16:17:43-05:00", A, "A", "web"),
    ],
    "nyc311": [
        ("90000001", "street_condition", "2026-03-07T23:53:51-05:00", "2026-03-08T01:10:02-05:00", A,
         "01 EXAMPLE", "web"),
        ("90000002", "noise", "2026-03-08T00:05:00-05:00", "2026-03-10T09:00:00-04:00", None, None, "import"),
    ],
    "nyc311-renamed": [
        ("90000003", "noise_residential", "2026-03-07T23:53:51-05:00", None, A, "1", "phone"),
    ],
    "chicago311": [
        ("SR26-00000001", "pothole_in_street_complaint", "2026-01-02T07:15:00-06:00", "2026-01-05T10:00:00-06:00",
         A, "1", "phone"),
        ("SR26-00000002", "graffiti_removal_request", "2026-01-03T19:15:00-06:00", None, None, "1", "app"),
    ],
    "losangeles311": [
        ("1-900000001", "graffiti_removal", "2026-01-02T07:15:00-08:00", "2026-01-05T10:00:00-08:00", A, "47", "app"),
        ("1-900000002", "bulky_items", "2026-01-03T07:15:00-08:00", None, B, "47", "phone"),
    ],
    "sanfrancisco311": [
        ("9000001", "street_and_sidewalk_cleaning", "2026-01-02T07:15:00-08:00", "2026-01-05T10:00:00-08:00",
         A, "Example", "app"),
        ("9000002", "graffiti", "2026-01-03T19:15:00-08:00", None, B, "Example", "phone"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", PRECISE)
def test_a_published_export_is_read(name: str) -> None:
    found = read(name)
    assert not found.refused, found.refused[0]
    assert [brief(record) for record in found.records] == PRECISE[name]


def test_targets_are_read_where_a_city_publishes_them() -> None:
    assert next(iter(read("boston311").records)).promised_by == "2026-02-04T13:47:30-05:00"
    assert next(iter(read("nyc311").records)).promised_by == "2026-03-14T23:53:51-04:00"


def test_police_of_vancouver_publishes_metres_and_no_ids() -> None:
    first, same, withheld = read("vancouver-police").records
    assert (first.occurred_at, first.point) == ("2022-01-01T00:05:00-08:00", (-123.1013732, 49.2777036))
    assert same.id == f"{first.id}-2"
    assert withheld.point is None


def test_police_of_the_united_kingdom_publishes_months_and_some_ids() -> None:
    antisocial, robbery = read("ukpolice").records
    assert (antisocial.occurred_at, antisocial.opened_at) == (None, "2026-08-01T00:00:00+01:00")
    assert (len(antisocial.id), robbery.id[-1], robbery.point) == (20, "1", None)


def test_made_ids_stay_the_same_when_the_outcome_changes(tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    later.write_text((EXPORTS / "ukpolice.csv").read_text("utf-8").replace("behaviour,,", "behaviour,Closed,"), "utf-8")
    again = judge_file(RecordsFile(later, ready_mapping("ukpolice"), now=NOW))
    assert [record.id for record in again.records] == [record.id for record in read("ukpolice").records]


@pytest.mark.parametrize("file", sorted(EXPORTS.glob("*.csv")), ids=lambda file: file.stem)
def test_an_export_is_recognised(file: Path) -> None:
    head = find_layout(file, ready_mapping("concord")).head
    assert likely_mapping(head) in (file.stem, *_parents(file.stem))
