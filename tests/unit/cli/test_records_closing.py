"""When a record was closed: by its closing time, its status, or its last change."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from concord_cli.records import Codes, ColumnMapping, Judged, RecordsFile, judge_file

MAPPING = ColumnMapping(
    {"id": ("id",), "category": ("c",), "time": ("t",), "closed": ("end",), "updated": ("new",), "status": ("s",)},
    closed_words=("Closed", "Completed"),
    open_words=("Open",),
    categories=Codes(default="other"),
)
OPENED, CHANGED, CLOSED = "2026-11-01T10:00:00+00:00", "2026-11-03T10:00:00+00:00", "2026-11-02T10:00:00+00:00"


def read(folder: Path, status: str, closed: str = "", updated: str = "", without_time: str = "refuse") -> Judged:
    file = folder / "records.csv"
    file.write_text(f"id,c,t,end,new,s\n1,x,{OPENED},{closed},{updated},{status}\n", "utf-8")
    mapping = replace(MAPPING, closed_without_time=without_time)
    return judge_file(RecordsFile(file, mapping, now=datetime(2026, 12, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("status", "closed", "updated", "without_time", "closed_at"),
    [
        ("Closed", CLOSED, CHANGED, "refuse", CLOSED),
        ("completed", "", CHANGED, "refuse", CHANGED),
        ("Closed", "", "", "opening", OPENED),
        ("Closed", "", "", "open", None),
        ("Open", CLOSED, CHANGED, "refuse", None),
        ("In progress", "", CHANGED, "refuse", None),
        ("In progress", CLOSED, "", "refuse", CLOSED),
        ("", CLOSED, "", "refuse", CLOSED),
        ("", "", "", "refuse", None),
    ],
)
def test_the_closing_time(
    tmp_path: Path, status: str, closed: str, updated: str, without_time: str, closed_at: str | None
) -> None:
    (record,) = read(tmp_path, status, closed, updated, without_time).records
    assert record.closed_at == closed_at


def test_a_closed_record_without_a_time_is_refused_with_the_choices(tmp_path: Path) -> None:
    (refused,) = read(tmp_path, "Closed").refused
    assert refused.reason == (
        "column s: 'Closed' means closed, but no closing time is there; add it, or set closed_without_time"
    )


@pytest.mark.parametrize(
    ("status", "closed", "said"),
    [
        ("Open", CLOSED, "line 2, column s: 'Open' means open; the closing time is not used"),
        (
            "Closed",
            "",
            "line 2, column s: 'Closed' means closed, but nothing says when; it counts as closed at the opening",
        ),
    ],
)
def test_what_the_reader_decides_is_said(tmp_path: Path, status: str, closed: str, said: str) -> None:
    assert said in [str(note) for note in read(tmp_path, status, closed, without_time="opening").notes]


def test_a_closing_in_the_future_is_a_fault(tmp_path: Path) -> None:
    (refused,) = read(tmp_path, "Closed", "2027-01-01T00:00:00Z").refused
    assert refused.reason == "column end: '2027-01-01T00:00:00Z' is in the future; correct it"
