"""Record files: what is read, what a line of intake's batch becomes of it, and what is said of faults."""

from pathlib import Path

import pytest

from concord_cli.common.records import InvalidRecords, Record, line_of, read_records

from .record_files import GOOD, HEADER, write_records


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    assert read_records(write_records(tmp_path, GOOD.format(1))) == [
        Record(1, "R-1", "graffiti", "Graffiti Removal", "2015-01-01T10:56:16-05:00", (-71.07, 42.33), "D4", "web")
    ]


def test_what_may_be_left_out(tmp_path: Path) -> None:
    rows = ("R-1,noise,,2015-01-01T10:56:16Z,,,,,extra,", "R-2,noise,Loud,2020-08,,,,,extra,phone")
    header = HEADER.replace("n_channel", "other,n_channel")
    first, second = read_records(write_records(tmp_path, *rows, header=header))
    assert (first.text, first.point, first.area, first.channel) == ("noise", None, None, "import")
    assert (second.occurred_at, second.channel) == (None, "phone")


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_bytes(("\ufeff" + HEADER + "\r\n" + GOOD.format(1) + "\r\n").encode())
    assert [each.id for each in read_records(file)] == ["R-1"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",noise,Loud,2015-01-01T10:56:16Z,,,,,", "line 3, column n_id: must not be empty."),
        ("R-9,,Loud,2015-01-01T10:56:16Z,,,,,", "line 3, column n_category: must not be empty."),
        (GOOD.format(1), "line 3, column n_id: 'R-1' is already in line 2"),
        ("R-9,noise,Loud,yesterday,,,,,", "line 3, column n_time: 'yesterday' is not a time; write it like"),
        ("R-9,noise,Loud,2015-01-01T10:56,,,,,", "line 3, column n_time: '2015-01-01T10:56' lacks the offset"),
        ("R-9,noise,Loud,,,-71.1,,,", "line 3, column n_lat: must not be empty."),
        ("R-9,noise,Loud,,,-181,42,,", "line 3, column n_lon: '-181' is not within -180 to 180 degrees."),
        ("R-9,noise,Loud,,,-71,nan,,", "line 3, column n_lat: 'nan' is not within -90 to 90 degrees."),
        ("R-9,noise,Loud,,,,,,pigeon", "line 3, column n_channel: 'pigeon' is not a channel; use one of web,"),
        (f"R-9,noise,{'x' * 4001},,,,,,", "line 3, column n_text: has 4001 characters; the maximum is 4000"),
        ("R-9,noise,Loud", "line 3: the number of cells differs from line 1."),
        (GOOD.format(9) + ",more", "line 3: the number of cells differs from line 1."),
        ('R-9,noise,"Loud" x,,,,,,', "line 3: not valid CSV:"),
    ],
)
def test_faults_name_line_and_column(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InvalidRecords) as wrong:
        read_records(write_records(tmp_path, GOOD.format(1), row))
    assert str(wrong.value).startswith("records.csv " + said)


def test_a_missing_column(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecords, match=r"^records.csv line 1: the column n_time is missing \(found: n_id, n_cat"):
        read_records(write_records(tmp_path, header=HEADER.replace("n_time", "when")))


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_text("")
    with pytest.raises(InvalidRecords, match=r"the column n_id is missing \(found: no columns\)"):
        read_records(tmp_path / "records.csv")


def test_another_encoding(tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1), GOOD.format(2).replace("Removal", "Café"))
    file.write_bytes(file.read_text("utf-8").encode("latin-1"))
    with pytest.raises(InvalidRecords, match=r"^records.csv line 3: not UTF-8"):
        read_records(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecords, match="cannot be read: No such file"):
        read_records(tmp_path / "nowhere.csv")


def record(number: int, **changes: object) -> Record:
    values = {
        "number": number,
        "id": f"R-{number}",
        "category": "noise",
        "text": "Loud",
        "occurred_at": "2015-01-01T10:56:16-05:00",
        "point": (-71.0, 42.0),
        "area": None,
        "channel": "import",
    }
    return Record(**{**values, **changes})  # type: ignore[arg-type]


def test_the_line_of_a_record() -> None:
    assert line_of(record(1), example_contacts=True) == {
        "id": "R-1",
        "category": "noise",
        "description": "Loud",
        "channel": "import",
        "occurred_at": "2015-01-01T10:56:16-05:00",
        "point": {"lon": -71.0, "lat": 42.0},
    }


def test_a_record_without_place_and_time_says_neither() -> None:
    line = line_of(record(1, point=None, occurred_at=None), example_contacts=False)
    assert line.keys() == {"id", "category", "description", "channel"}


def test_one_in_five_gets_an_invented_contact_in_two_languages() -> None:
    lines = [line_of(record(number), example_contacts=True) for number in range(1, 21)]
    contacts = [line["contact"] for line in lines if "contact" in line]
    assert [each["email"] for each in contacts] == [f"resident-{n}@example.org" for n in (5, 10, 15, 20)]
    assert [each["language"] for each in contacts] == ["es", "en", "es", "en"]


def test_no_contact_is_invented_unless_asked_for() -> None:
    assert "contact" not in line_of(record(5), example_contacts=False)
