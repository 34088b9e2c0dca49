"""`concord import`: what a record becomes, and what is said of a wrong call."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from concord_cli.common.records import line_of, read_records
from concord_cli.import_records import import_records

from .record_files import write_records

HEADER = "n_id,n_category,n_text,n_time,n_closed,n_target,n_lon,n_lat,n_area,n_channel"
OPENED, CLOSED, TARGET = "2015-01-01T10:56:16-05:00", "2015-01-07T12:35:56-05:00", "2015-01-05T08:30:00-05:00"


def row(opened: str = OPENED, closed: str = CLOSED, target: str = TARGET) -> str:
    return f"R-1,graffiti,Graffiti Removal,{opened},{closed},{target},-71.07,42.33,D4,web"


def line(folder: Path, row: str, *, history: bool = True) -> dict[str, object]:
    (record,) = read_records(write_records(folder, row, header=HEADER))
    return line_of(record, example_contacts=False, history=history)


def test_history_keeps_a_record_s_own_times(tmp_path: Path) -> None:
    told = line(tmp_path, row())
    assert (told["reported_at"], told["closed_at"], told["promised_by"]) == (OPENED, CLOSED, TARGET)


def test_without_history_a_record_counts_as_reported_now(tmp_path: Path) -> None:
    told = line(tmp_path, row(), history=False)
    assert {"reported_at", "closed_at", "promised_by"}.isdisjoint(told)
    assert told["occurred_at"] == OPENED


def test_what_is_open_or_was_never_promised_says_no_more(tmp_path: Path) -> None:
    told = line(tmp_path, row(closed="", target=""))
    assert told["reported_at"] == OPENED
    assert {"closed_at", "promised_by"}.isdisjoint(told)


def test_a_closing_some_seconds_before_the_opening_counts_as_at_once(tmp_path: Path) -> None:
    assert line(tmp_path, row(closed="2015-01-01T10:56:10-05:00"))["closed_at"] == OPENED


@pytest.mark.parametrize("column", ["n_closed", "n_target"])
def test_a_time_without_an_offset_is_named(tmp_path: Path, column: str) -> None:
    wrong = {"n_closed": row(closed="2015-01-07T12:35:56"), "n_target": row(target="2015-01-07T12:35:56")}[column]
    file = write_records(tmp_path, wrong, header=HEADER)
    done = CliRunner().invoke(import_records, [str(file), "--intake", "http://127.0.0.1:9"])
    assert (done.exit_code, f"column {column}" in done.output) == (2, True)


def test_without_a_running_system_the_call_says_what_to_give(tmp_path: Path) -> None:
    file = write_records(tmp_path, row(), header=HEADER)
    done = CliRunner().invoke(import_records, [str(file), "--home", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "--intake" in done.output


def test_history_needs_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)
    file = write_records(tmp_path, row(), header=HEADER)
    (tmp_path / "running.json").write_text(json.dumps({"urls": {"intake": "http://127.0.0.1:9"}}), "utf-8")
    done = CliRunner().invoke(import_records, [str(file), "--history", "--home", str(tmp_path)])
    assert done.exit_code == 2
    assert "CONCORD_TOKEN" in done.output
