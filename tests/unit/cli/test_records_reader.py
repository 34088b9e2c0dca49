"""Record files with Concord's own columns: what is read, and what is said of each fault."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from concord_cli.common.records import Record
from concord_cli.records import CONCORD, Codes, InvalidRecords, Judged, Note, RecordsFile, judge_file, read_rows

from .record_files import GOOD, HEADER, write_records

BOSTON = ZoneInfo("America/New_York")
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HISTORY = HEADER.replace("n_lon", "n_target,n_lon")


def judged(file: Path) -> Judged:
    return judge_file(RecordsFile(file, CONCORD, BOSTON, now=NOW))


def only(file: Path) -> Record:
    (record,) = judged(file).records
    return record


def past(folder: Path, opened: str, closed: str, target: str) -> Record:
    """The record of a row with these times."""
    return only(write_records(folder, f"R-1,noise,,{opened},{closed},{target},,,,", header=HISTORY))


def texts(notes: list[Note]) -> list[str]:
    return [str(note) for note in notes if note.line]


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    assert list(read_rows(write_records(tmp_path, GOOD.format(1)), CONCORD, None)) == [
        Record(1, "R-1", "graffiti", "Graffiti Removal", "2015-01-01T10:56:16-05:00", (-71.07, 42.33), "D4", "web")
    ]


def test_a_text_with_an_empty_code_is_no_recorded_area(tmp_path: Path) -> None:
    mapping = replace(CONCORD, areas=Codes({"D4": ""}))
    rows = GOOD.format(1), GOOD.format(2).replace("D4", "D5")
    first, second = read_rows(write_records(tmp_path, *rows), mapping, None)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.area, second.area) == (None, "D5")


def test_what_may_be_left_out(tmp_path: Path) -> None:
    rows = ("R-1,noise,,2015-01-01T10:56:16Z,,,,,extra,", "R-2,noise,Loud,,,,,,extra,phone")
    header = HEADER.replace("n_channel", "other,n_channel")
    first, second = judged(write_records(tmp_path, *rows, header=header)).records
    assert (first.text, first.point, first.area, first.channel) == ("noise", None, None, "import")
    assert (second.occurred_at, second.opened_at, second.channel) == (None, None, "phone")


@pytest.mark.parametrize("text", ["\ufeff{0}\r\n{1}\r\n", "{0}\r{1}\r", "{0}\n\n{1}\n,,,,,,,,\n\n", "{0}\n{1},,\n"])
def test_byte_order_marks_line_ends_and_empty_rows(tmp_path: Path, text: str) -> None:
    file = tmp_path / "records.csv"
    file.write_bytes(text.format(HEADER, GOOD.format(1)).encode())
    assert [each.id for each in judged(file).records] == ["R-1"]
    assert not judged(file).refused


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_file_that_shows_its_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "records.csv"
    file.write_bytes((HEADER + "\n" + GOOD.format(1).replace("Removal", "Café") + "\n").encode(encoding))
    assert only(file).text == "Graffiti Café"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",noise,Loud,2015-01-01T10:56:16Z,,,,,", "line 3, column n_id: must not be empty."),
        ("R-9,,Loud,2015-01-01T10:56:16Z,,,,,", "line 3, column n_category: must not be empty."),
        (
            GOOD.format(1).replace("Graffiti", "More"),
            "line 3, column n_id: 'R-1' is already in line 2 with other content",
        ),
        ("R-9,noise,Loud,yesterday,,,,,", "line 3, column n_time: 'yesterday' is not a time; write it like"),
        (
            "R-9,noise,Loud,1/2/2015,,,,,",
            "line 3, column n_time: '1/2/2015' is a time whose form is not known; set forms",
        ),
        ("R-9,noise,Loud,2027-01-01T10:56:16Z,,,,,", "line 3, column n_time: '2027-01-01T10:56:16Z' is in the future"),
        ("R-9,noise,Loud,1900-01-01T10:56:16Z,,,,,", "line 3, column n_time: '1900-01-01T10:56:16Z' is not after the"),
        (
            "R-9,noise,Loud,,2015-01-01T10:56:16Z,,,,",
            "line 3, column n_time: must not be empty, because the record has",
        ),
        ("R-9,noise,Loud,,,-71.1,,,", "line 3, column n_lat: must not be empty."),
        ("R-9,noise,Loud,,,-181,42,,", "line 3, column n_lon: '-181' is not within -180 to 180 degrees."),
        ("R-9,noise,Loud,,,-71,nan,,", "line 3, column n_lat: 'nan' is not within -90 to 90 degrees."),
        ("R-9,noise,Loud,,,42,-91,,", "line 3, column n_lat: '-91' is not within -90 to 90 degrees (are longitude and"),
        (
            "R-9,noise,Loud,,,NULL,NULL,,",
            "line 3, column n_lon: 'NULL' is not within -180 to 180 degrees; column n_lat:",
        ),
        ("R-9,noise,Loud,,,,,,pigeon", "line 3, column n_channel: 'pigeon' is not a channel; use one of web,"),
        (f"R-9,noise,{'x' * 4001},,,,,,", "line 3, column n_text: has 4001 characters; the maximum is 4000"),
        ("R-9,noise,Loud", "line 3: the row has 3 cells, but the head has 9."),
        (GOOD.format(9) + ",more", "line 3: the row has 10 cells, but the head has 9."),
        ('R-9,noise,"Loud" x,,,,,,', "line 3: not valid CSV: a quote inside a cell must be doubled"),
        (
            r'R-9,noise,"a \"deep\" hole",,,,,,',
            r"line 3: not valid CSV: it has \" inside a cell, but CSV doubles quotes",
        ),
        ("1.01E+11,noise,Loud,,,,,,", "line 3, column n_id: '1.01E+11' is a number that a spreadsheet has shortened"),
        (f"{'9' * 201},noise,Loud,,,,,,", "line 3, column n_id: has 201 characters; the maximum is 200."),
    ],
)
def test_a_faulty_row_is_told_and_the_others_come_in(tmp_path: Path, row: str, said: str) -> None:
    found = judged(write_records(tmp_path, GOOD.format(1), row, GOOD.format(2)))
    assert [record.id for record in found.records] == ["R-1", "R-2"]
    assert [str(each).startswith("records.csv " + said) for each in found.refused] == [True], found.refused[0]


def test_all_faults_of_a_row_are_told(tmp_path: Path) -> None:
    (refused,) = judged(write_records(tmp_path, ",,,never,,200,100,,pigeon")).refused
    assert [fault.column for fault in refused.faults] == [
        "n_id", "n_category", "n_time", "n_lon", "n_lat", "n_channel"
    ]  # fmt: skip


def test_a_quote_that_nobody_closes_refuses_only_its_own_line(tmp_path: Path) -> None:
    rows = [GOOD.format(number) for number in range(1, 400)]
    found = judged(write_records(tmp_path, *rows[:2], 'R-x,noise,"Loud,,,,,,', *rows[2:]))
    assert [record.id for record in found.records] == [f"R-{number}" for number in range(1, 400)]
    assert [refused.line for refused in found.refused] == [4]
    assert "begins with a quote that no quote ends" in found.refused[0].reason


def test_a_cell_may_have_several_lines(tmp_path: Path) -> None:
    found = judged(write_records(tmp_path, 'R-1,noise,"Loud\n\nmusic",,,,,,', "R-2,,,,,,,,"))
    assert [record.text for record in found.records] == ["Loud\n\nmusic"]
    assert [refused.line for refused in found.refused] == [5]


def test_an_identical_row_counts_once_and_is_said(tmp_path: Path) -> None:
    found = judged(write_records(tmp_path, GOOD.format(1), GOOD.format(2), GOOD.format(1)))
    assert [record.id for record in found.records] == ["R-1", "R-2"]
    assert texts(found.notes) == ["line 4: the same as line 2; it counts once"]


def test_an_id_of_a_refused_row_may_come_again(tmp_path: Path) -> None:
    found = judged(write_records(tmp_path, GOOD.format(1).replace("-71", "-710"), GOOD.format(1)))
    assert ([record.id for record in found.records], len(found.refused)) == (["R-1"], 1)


def test_a_row_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1), GOOD.format(2).replace("Removal", "Café"))
    file.write_bytes(file.read_text("utf-8").encode("latin-1"))
    found = judged(file)
    assert [record.id for record in found.records] == ["R-1"]
    assert str(found.refused[0]).startswith("records.csv line 3: not UTF-8; save the file as UTF-8, or name its")


def test_a_zero_character_does_not_make_a_file_utf_16(tmp_path: Path) -> None:
    found = judged(write_records(tmp_path, "R-1,noise,Lo\0ud,,,,,,", GOOD.format(2)))
    assert ([record.id for record in found.records], [row.line for row in found.refused]) == (["R-2"], [2])
    assert "has the NUL character; remove it" in found.refused[0].reason


def test_a_file_that_ends_within_a_character_keeps_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_bytes((HEADER + "\n" + GOOD.format(1) + "\nR-2").encode("utf-16") + b"x")
    found = judged(file)
    assert ([record.id for record in found.records], [row.line for row in found.refused]) == (["R-1"], [3])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"^records.csv line 1: the columns n_id, .* are missing \(found: no columns\)"),
        (HEADER.replace("n_time", "when"), r"^records.csv line 1: the column n_time is missing \(found: n_id, n_cat"),
        ("a,b\n1,2", r"the columns n_id, n_category, n_text, n_time, n_lon, n_lat, n_area are missing \(found: a, b\)"),
        (HEADER + ",n_time", "line 1: the columns 4 and 10 are both named n_time: rename all but one"),
        (HEADER.replace("n_time", ""), r"n_time is missing \(found: .*\(column 4 has no name\)"),
        ("SRNumber,CreatedDate,RequestType,Latitude,Longitude,NC,Status,ClosedDate,UpdatedDate,RequestSource",
         "These are the columns of losangeles311: add --from losangeles311"),
        ('{"type": "FeatureCollection"}', "records.csv is JSON; export the records as CSV"),
        ("PK\x03\x04", "records.csv is an Excel workbook or a ZIP archive; save the sheet as CSV UTF-8"),
        ("<html>", "records.csv is XML or a web page"),
    ],
)  # fmt: skip
def test_a_file_without_the_columns_is_refused_with_all_that_is_missing(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "records.csv").write_text(text, "utf-8")
    with pytest.raises(InvalidRecords, match=said):
        judged(tmp_path / "records.csv")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecords, match="cannot be read: No such file"):
        judged(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("head", "row", "note"),
    [
        ("sep=;\n" + HEADER.replace(",", ";"), GOOD.format(1).replace(",", ";"), ""),
        (HEADER.replace(",", "; "), GOOD.format(1).replace(",", ";").replace("42.33", "42,33"), "separated by ';'"),
        (HEADER.replace(",", "\t"), GOOD.format(1).replace(",", "\t"), "the cells are separated by tabs"),
        ("311 Requests,,,,,,,,\n\n" + HEADER, GOOD.format(1), "the head is in line 3; the lines before it are passed"),
        (HEADER.upper().replace("N_ID", ' "N ID"'), GOOD.format(1), ""),
    ],
)
def test_layouts_that_are_found(tmp_path: Path, head: str, row: str, note: str) -> None:
    found = judged(write_records(tmp_path, row, header=head))
    assert [(record.id, record.point) for record in found.records] == [("R-1", (-71.07, 42.33))]
    assert any(note in str(each) for each in found.notes) or not note


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_wrong_separator_in_the_mapping_is_said(tmp_path: Path, delimiter: str) -> None:
    file = write_records(tmp_path, GOOD.format(1).replace(",", delimiter), header=HEADER.replace(",", delimiter))
    for named in {",", ";"} - {delimiter}:
        found = judge_file(RecordsFile(file, replace(CONCORD, delimiter=named), BOSTON, now=NOW))
        assert [record.id for record in found.records] == ["R-1"]
        assert any("the cells are separated by" in note.text for note in found.notes)


def test_files_that_were_put_together_have_several_heads(tmp_path: Path) -> None:
    found = judged(write_records(tmp_path, GOOD.format(1), HEADER.replace(",", " ,"), GOOD.format(2)))
    assert ([record.id for record in found.records], found.refused) == (["R-1", "R-2"], [])
    assert texts(found.notes) == ["line 3: the head comes again; this line is passed over"]


def test_a_channel_counts_in_any_case(tmp_path: Path) -> None:
    assert only(write_records(tmp_path, GOOD.format(1).replace("web", "Web"))).channel == "web"


def test_a_pipe_is_told_to_be_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidRecords, match="is no plain file, but it is read more than once; save it first"):
        judged(tmp_path / "pipe")


def test_a_day_is_the_city_s_day_and_ends_at_its_last_second(tmp_path: Path) -> None:
    record = past(tmp_path, "2026-11-02", "2026-11-05", "2026-11-09")
    assert (record.occurred_at, record.opened_at) == (None, "2026-11-02T00:00:00-05:00")
    assert (record.closed_at, record.promised_by) == ("2026-11-05T23:59:59-05:00", "2026-11-09T23:59:59-05:00")


def test_a_month_is_kept_as_one(tmp_path: Path) -> None:
    record = past(tmp_path, "2020-10", "2020-11", "")
    assert (record.opened_at, record.closed_at) == ("2020-10-01T00:00:00-04:00", "2020-11-30T23:59:59-05:00")


def test_a_closing_day_that_is_not_over_waits_for_the_next_import(tmp_path: Path) -> None:
    """The present time would differ at each import, and look like a reopening."""
    assert past(tmp_path, "2026-11-02", "2026-12-01", "").closed_at is None


def test_the_year_9999_is_no_target(tmp_path: Path) -> None:
    record = past(tmp_path, "2026-11-02T10:00:00-05:00", "9999-12-31", "9999-12-31T00:00:00Z")
    assert (record.closed_at, record.promised_by) == (None, None)


def test_a_closing_some_seconds_before_the_opening_counts_as_at_once(tmp_path: Path) -> None:
    opened = "2015-01-01T10:56:16-05:00"
    assert past(tmp_path, opened, "2015-01-01T10:56:10-05:00", "").closed_at == opened


def test_a_closing_long_before_the_opening_is_said(tmp_path: Path) -> None:
    row = "R-1,noise,,2015-01-03T10:00:00Z,2014-01-01T10:00:00Z,,,,,"
    found = judged(write_records(tmp_path, row, header=HISTORY))
    assert next(iter(found.records)).closed_at == "2015-01-03T10:00:00+00:00"
    assert "is before the opening; the record counts as closed at once" in texts(found.notes)[0]


def test_local_times_that_do_not_exist_or_come_twice_are_said(tmp_path: Path) -> None:
    rows = ("R-1,noise,,2026-03-08 02:30:00,,,,,", "R-2,noise,,2026-11-01 01:30:00,,,,,")
    found = judged(write_records(tmp_path, *rows))
    assert [record.occurred_at for record in found.records] == [
        "2026-03-08T03:30:00-04:00", "2026-11-01T01:30:00-04:00"
    ]  # fmt: skip
    assert ["does not exist" in texts(found.notes)[0], "comes twice" in texts(found.notes)[1]] == [True, True]


@pytest.mark.parametrize("column", ["n_time", "n_closed", "n_target"])
@pytest.mark.parametrize("text", ["2015-01-07T12:35:56", "2015-01-07"])
def test_without_a_time_zone_a_local_time_is_told(tmp_path: Path, column: str, text: str) -> None:
    times = {"n_time": "2015-01-01T10:56:16Z", "n_closed": "", "n_target": "", column: text}
    row = f"R-1,noise,,{times['n_time']},{times['n_closed']},{times['n_target']},,,,"
    (refused,) = judge_file(RecordsFile(write_records(tmp_path, row, header=HISTORY), CONCORD)).refused
    assert (refused.faults[0].column, "--city DIR, or time_zone in" in refused.reason) == (column, True)
