"""`propose`: a mapping guessed from a file reads that file."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from concord_cli.records import InvalidRecords, Judged, RecordsFile, judge_file, load_mapping, propose, to_toml

BERLIN = (
    "Meldungen 2026;;;;;\n"
    "Vorgangsnummer;Kategorie;Beschreibung;Datum;Longitude;Latitude;Status;Source\n"
    "A1;Wilder Müll;Sperrmüll;07.03.2026 23:53;13,40;52,52;erledigt;Telefon\n"
    "A2;Wilder Müll;;21.03.2026 08:00;13,41;52,53;offen;App\n"
)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "export-2026.csv"
    file.write_bytes(text.encode(encoding))
    return file


def read_again(file: Path) -> Judged:
    """Read the file with the proposal, written to a columns.toml as the command does."""
    (file.parent / "columns.toml").write_text(to_toml(propose(file)), "utf-8")
    return judge_file(RecordsFile(file, load_mapping(file.parent / "columns.toml"), ZoneInfo("Europe/Berlin")))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-8-sig", "utf-16"])
def test_a_proposal_reads_its_file(tmp_path: Path, encoding: str) -> None:
    judged = read_again(write(tmp_path, BERLIN, encoding))
    first, second = judged.records
    assert not judged.refused
    assert (first.id, first.category, first.text) == ("A1", "wilder_mull", "Sperrmüll")
    assert (first.occurred_at, first.point) == ("2026-03-07T23:53:00+01:00", (13.4, 52.52))
    assert (first.closed_at, second.closed_at) == ("2026-03-07T23:53:00+01:00", None)
    assert (first.channel, second.channel) == ("phone", "app")


def test_a_proposal_says_what_it_guessed(tmp_path: Path) -> None:
    mapping = propose(write(tmp_path, BERLIN, "cp1252"))
    assert (mapping.source, mapping.delimiter, mapping.title_rows, mapping.decimal) == ("export", ";", 1, ",")
    assert (mapping.forms, mapping.encoding, mapping.closed_words) == (("DD.MM.YYYY HH:mm",), "cp1252", ("erledigt",))
    guesses = "\n".join(mapping.guesses)
    for said in ("not UTF-8", "source is guessed", "mean closed: erledigt"):
        assert said in guesses


def test_columns_of_a_ready_mapping_are_that_one(tmp_path: Path) -> None:
    head = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type"
    mapping = propose(write(tmp_path, f"{head},Last outcome category,Context\n"))
    assert (mapping.source, mapping.guesses) == ("ukpolice", ("These are the columns of the ready mapping ukpolice.",))


@pytest.mark.parametrize(
    ("days", "form", "is_uncertain"),
    [
        (("03/07/2026", "04/25/2026"), "MM/DD/YYYY", False),
        (("03/07/2026", "25/04/2026"), "DD/MM/YYYY", False),
        (("03/07/2026", "04/05/2026"), "MM/DD/YYYY", True),
    ],
)
def test_day_and_month_are_told_apart_or_said_to_be_uncertain(
    tmp_path: Path, days: tuple[str, str], form: str, is_uncertain: bool
) -> None:
    mapping = propose(write(tmp_path, "id,category,date\n" + "".join(f"{day},x,{day}\n" for day in days)))
    assert mapping.forms == (form,)
    assert any("exchanged" in guess for guess in mapping.guesses) == is_uncertain


def test_iso_times_need_no_form(tmp_path: Path) -> None:
    text = "id,category,date\n1,x,2026-03-07\n2,x,2026-03-07 10:00:00\n3,x,2026-03\n"
    assert propose(write(tmp_path, text)).forms == ()


def test_a_form_that_nobody_knows_is_said(tmp_path: Path) -> None:
    guesses = propose(write(tmp_path, "id,category,date\n1,x,the 3rd of May\n")).guesses
    assert any("'the 3rd of May'" in guess for guess in guesses)


def test_without_unique_ids_they_are_made(tmp_path: Path) -> None:
    file = write(tmp_path, "type,date,status\nNoise,2026-03-07,Open\nNoise,2026-03-08,Closed\n")
    mapping = propose(file)
    assert (mapping.id_from, "id" in mapping.columns) == (("type", "date"), False)
    assert len({record.id for record in read_again(file).records}) == 2


def test_columns_of_unknown_names_are_known_by_their_content(tmp_path: Path) -> None:
    kinds = ("Loch", "Laterne", "Loch", "Müll", "Loch", "Loch")
    rows = [f"{n}.5,Ort {n % 2},{kind},0{n + 1}.03.2026,N-{n},1{n}.03.2026" for n, kind in enumerate(kinds)]
    mapping = propose(write(tmp_path, "Maß,Gegend,Sache,Eingang,Vorgang,Erledigt\n" + "\n".join(rows)))
    assert {role: mapping.columns[role] for role in ("id", "time", "closed", "category")} == {
        "id": ("Vorgang",), "time": ("Eingang",), "closed": ("Erledigt",), "category": ("Gegend",)
    }  # fmt: skip
    assert "The column Vorgang is taken for the id because of its content." in mapping.guesses


def test_metres_and_missing_columns_are_said(tmp_path: Path) -> None:
    guesses = "\n".join(propose(write(tmp_path, "id,x,y\n1,494146.7,5450708.3\n")).guesses)
    for said in ('projection = "EPSG:26910"', "No column looks like the category", "No column looks like the time"):
        assert said in guesses


def test_an_address_in_a_column_named_location_is_no_place(tmp_path: Path) -> None:
    mapping = propose(write(tmp_path, "id,category,date,location\n1,x,2026-03-07,1 Example St\n"))
    assert "point" not in mapping.columns


def test_an_empty_file_has_no_proposal(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecords, match="is empty: it needs a line with the names"):
        propose(write(tmp_path, ""))


def test_a_guess_with_a_line_end_stays_a_comment(tmp_path: Path) -> None:
    mapping = replace(propose(write(tmp_path, BERLIN)), guesses=("the status 'Closed\nprojection = 1'",))
    assert "# the status 'Closed\\nprojection = 1'" in to_toml(mapping).splitlines()


def test_a_proposal_reads_a_file_with_a_line_for_its_separator(tmp_path: Path) -> None:
    judged = read_again(write(tmp_path, "sep=;\n" + BERLIN.partition("\n")[2]))
    assert ([record.id for record in judged.records], judged.refused) == (["A1", "A2"], [])
