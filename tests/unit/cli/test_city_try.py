"""`concord city try`: the table, the CSV file, JSON, records at the edges, and the exit codes."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert
from tests.unit.city.twoside import edit, write_city

from concord_bus.adapters.sql.database import create_database_engine
from concord_cli.commands import concord
from concord_cli.common.home_folder import INVENTORY
from concord_intake.adapters import tables

from .record_files import write_records

WEST, EAST = "-71.015,42.005", "-70.985,42.005"
NIGHT, NOON = "2026-03-04T23:00:00-05:00", "2026-03-04T12:00:00-05:00"
PROMISES = "acknowledge earlier  acknowledge later  respond earlier  respond later"
ROWS = (
    f"R-1,noise,Loud,{NIGHT},,{WEST},,web",
    f"R-2,graffiti,Wall,{NOON},,{WEST},,web",
    f"R-3,graffiti,Wall,{NOON},,{EAST},,web",
)


@pytest.fixture
def now(tmp_path: Path) -> Path:
    """The present city: `team-west` takes noise at night, `works` the rest."""
    folder = tmp_path / "now"
    folder.mkdir()
    return write_city(folder)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The new one: `team-west` takes graffiti in the west too, with other promises."""
    folder = tmp_path / "new"
    folder.mkdir()
    write_city(folder)
    edit(folder, "rules.toml", '  "noise",\n', '  "noise", "graffiti",\n')
    edit(folder, "rules.toml", 'hours = "22:00-06:00"\n', "")
    return folder


def run(*arguments: object, env: dict[str, str | None] | None = None) -> Result:
    cleared: dict[str, str | None] = {"CONCORD_CITY": None, "CONCORD_DATABASE_URL": None}
    return CliRunner(env={**cleared, **(env or {})}).invoke(concord, ["city", "try", *map(str, arguments)])


def as_json(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.output)
    return answer


def test_the_table(tmp_path: Path, now: Path, new: Path) -> None:
    result = run(new, "--against", write_records(tmp_path, *ROWS), "--now", now)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "3 concerns: 1 would go elsewhere, 1 change.",
        "Promised acknowledgement: 1 earlier, 0 later, 0 made, 0 dropped.",
        "Promised response: 1 earlier, 0 later, 0 made, 0 dropped.",
        "",
        "from team  to team    concerns",
        "works      team-west  1",
        "",
        f"area  now  new  leaving  arriving  {PROMISES}",
        "west  2    2    0        0         1                    0                  1                0",
        "",
        f"team       now  new  leaving  arriving  {PROMISES}",
        "team-west  1    2    0        1         1                    0                  1                0",
        "works      2    1    1        0         0                    0                  0                0",
    ]


def test_the_csv_has_the_changed_concerns_with_both_decisions(tmp_path: Path, now: Path, new: Path) -> None:
    file = tmp_path / "changes.csv"
    assert run(new, "--against", write_records(tmp_path, *ROWS), "--now", now, "--csv", file).exit_code == 0
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert rows == [
        {
            "id": "R-2",
            "category": "graffiti",
            "channel": "web",
            "received_at": "2026-03-04T17:00:00Z",
            "changes": "team acknowledge_by respond_by",
            "now_area": "west",
            "now_team": "works",
            "now_reason": "",
            "now_rule": "rule 2",
            "now_acknowledge_by": "2026-03-09T17:00:00Z",
            "now_respond_by": "2026-03-16T21:00:00Z",
            "new_area": "west",
            "new_team": "team-west",
            "new_reason": "",
            "new_rule": "rule 1",
            "new_acknowledge_by": "2026-03-04T18:00:00Z",
            "new_respond_by": "2026-03-05T17:00:00Z",
        }
    ]


def test_json_has_all_groups(tmp_path: Path, now: Path, new: Path) -> None:
    answer = as_json(new, "--against", write_records(tmp_path, *ROWS), "--now", now)
    assert (answer["concerns"], answer["changed"], answer["elsewhere"]) == (3, 1, 1)
    assert answer["moves"] == [{"from": "works", "to": "team-west", "concerns": 1}]
    assert [(area["area"], area["now"], area["new"]) for area in answer["areas"]] == [("east", 1, 1), ("west", 2, 2)]
    assert answer["teams"][0]["promises"]["response"] == {"earlier": 1, "later": 0, "made": 0, "dropped": 0}


def test_the_same_city_changes_nothing(tmp_path: Path, now: Path) -> None:
    file = tmp_path / "changes.csv"
    result = run(now, "--against", write_records(tmp_path, *ROWS), "--now", now, "--csv", file)
    assert result.output.splitlines()[0] == "3 concerns: 0 would go elsewhere, 0 change."
    assert "from team" not in result.output
    assert len(file.read_text("utf-8").splitlines()) == 1


def test_a_vanished_area_leaves_its_concerns_to_a_person(tmp_path: Path, now: Path, new: Path) -> None:
    edit(new, "areas.geojson", '"area_id": "east"', '"area_id": "other"')
    areas = (new / "areas.geojson").read_text("utf-8").splitlines()
    (new / "areas.geojson").write_text("\n".join([areas[0], areas[1].rstrip(","), areas[-1]]), "utf-8")
    answer = as_json(new, "--against", write_records(tmp_path, *ROWS), "--now", now)
    assert {"from": "works", "to": None, "concerns": 1} in answer["moves"]
    assert answer["promises"]["response"]["dropped"] == 1
    assert answer["areas"][-1] | {"promises": None} == {
        "area": None, "now": 0, "new": 1, "leaving": 0, "arriving": 1, "promises": None
    }  # fmt: skip


def test_records_without_a_time_and_refused_rows_are_told(tmp_path: Path, now: Path) -> None:
    rows = (
        f"R-1,noise,Loud,,,{WEST},,web",
        f"R-5,noise,Loud,2026-03-04,,{WEST},,web",
        "R-6,noise,Loud,2026-03-04,,far,away,,web",
        f"R-2,noise,Loud,2999-12-31T23:59:59Z,,{WEST},,web",
        f"R-3,noise,Loud,0001-01-01T00:00:00Z,,{WEST},,web",
        f"R-4,noise,Loud,{NOON},,,,,web",
    )
    result = run(now, "--against", write_records(tmp_path, *rows), "--now", now)
    lines = result.output.splitlines()
    assert lines[0] == "3 concerns: 0 would go elsewhere, 0 change."
    assert "1 record without a time: counted as reported now." in lines
    assert "3 rows refused: left out." in lines
    assert [line[2:20] for line in lines if line.startswith("  ")] == [f"records.csv line {line}" for line in (4, 5, 6)]


def fill_intake(file: Path, *ages: timedelta) -> str:
    """A database of intake with one concern about graffiti in the west for each age."""
    url = f"sqlite:///{file}"
    engine = create_database_engine(url)
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        for number, age in enumerate(ages):
            values = {
                "id": f"{number:032}",
                "receipt_hash": b"",
                "category": "graffiti",
                "description": "A private matter",
                "language": "en",
                "channel": "web",
                "lon": None if number else -71.015,
                "lat": None if number else 42.005,
                "received_at": datetime.now(UTC) - age,
                "contact_given": False,
            }
            connection.execute(insert(tables.concerns).values(values))
    engine.dispose()
    return url


def test_live_reads_the_concerns_of_the_given_time_from_intake(tmp_path: Path, now: Path, new: Path) -> None:
    days = timedelta(days=1)
    url = fill_intake(tmp_path / "intake.db", 2 * days, 3 * days, 400 * days)
    file = tmp_path / "changes.csv"
    answer = as_json(new, "--live", "365d", "--now", now, "--database", url, "--csv", file)
    assert (answer["concerns"], answer["elsewhere"]) == (2, 1)
    assert answer["moves"] == [{"from": "works", "to": "team-west", "concerns": 1}]
    assert "private" not in file.read_text("utf-8")


def test_home_gives_the_present_city_and_the_database(tmp_path: Path, now: Path, new: Path) -> None:
    home = tmp_path / "home"
    (home / "intake").mkdir(parents=True)
    (home / INVENTORY).write_text(json.dumps({"city": str(now)}), "utf-8")
    fill_intake(home / "intake" / "intake.db", timedelta(days=1))
    answer = as_json(new, "--live", "4w", "--home", home)
    assert (answer["now"], answer["elsewhere"]) == (str(now), 1)


def test_a_city_with_errors_is_compared_with_nothing(tmp_path: Path, now: Path, new: Path) -> None:
    edit(new, "rules.toml", '"works"', '"work"')
    result = run(new, "--against", write_records(tmp_path, *ROWS), "--now", now)
    assert result.exit_code == 1
    assert "unknown team 'work' -> did you mean 'works'?" in result.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param([], "either --against RECORDS or --live LENGTH", id="no concerns named"),
        pytest.param(["--live", "365"], "is not a duration: write 12h or 30d or 4w", id="no unit"),
        pytest.param(["--live", "1d", "--home", "nowhere"], "set --now to the one that is live", id="no present city"),
    ],
)
def test_a_wrong_call_exits_with_2(new: Path, options: list[str], says: str) -> None:
    result = run(new, *options)
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())


def test_both_sources_exclude_each_other(tmp_path: Path, now: Path, new: Path) -> None:
    result = run(new, "--against", write_records(tmp_path, *ROWS), "--live", "1d", "--now", now)
    assert result.exit_code == 2


def test_faults_of_files_are_told_with_their_remedy(tmp_path: Path, now: Path, new: Path) -> None:
    records = write_records(tmp_path, *ROWS)
    unwritable = run(new, "--against", records, "--now", now, "--csv", tmp_path / "no" / "such.csv")
    assert unwritable.exit_code == 2
    assert "cannot be written" in unwritable.output
    absent = run(new, "--live", "1d", "--now", now, "--database", f"sqlite:///{tmp_path / 'no.db'}")
    assert absent.exit_code == 2
    assert "No database at" in absent.output
    other = tmp_path / "other.db"
    engine = create_database_engine(f"sqlite:///{other}")
    engine.connect().close()
    engine.dispose()
    other.touch()
    wrong = run(new, "--live", "1d", "--now", now, "--database", f"sqlite:///{other}")
    assert wrong.exit_code == 2
    assert "The database has no table concerns: name that of intake" in wrong.output


def test_an_export_is_read_with_its_mapping(tmp_path: Path, now: Path, new: Path) -> None:
    columns = tmp_path / "columns.toml"
    columns.write_text(
        '[columns]\nid = "nr"\ncategory = "kind"\ntext = "words"\ntime = "when"\nlon = "x"\nlat = "y"\n', "utf-8"
    )
    records = write_records(tmp_path, f"1,graffiti,Wall,{NOON},{WEST}", header="nr,kind,words,when,x,y")
    answer = as_json(new, "--against", records, "--now", now, "--columns", columns)
    assert (answer["concerns"], answer["elsewhere"]) == (1, 1)
    (new / "columns.toml").write_text(columns.read_text("utf-8"), "utf-8")
    assert as_json(new, "--against", records, "--now", now)["elsewhere"] == 1


def test_a_category_of_the_new_city_alone_is_compared(tmp_path: Path, now: Path, new: Path) -> None:
    edit(new, "categories.toml", 'code = "graffiti"', 'code = "tags"')
    edit(new, "rules.toml", '"graffiti"', '"tags"')
    columns = tmp_path / "columns.toml"
    columns.write_text(
        '[columns]\nid = "n_id"\ncategory = "n_category"\ntext = "n_text"\ntime = "n_time"\nlon = "n_lon"\n'
        'lat = "n_lat"\n[categories.codes]\ngraffiti = "tags"\n',
        "utf-8",
    )
    answer = as_json(new, "--against", write_records(tmp_path, ROWS[1]), "--now", now, "--columns", columns)
    assert (answer["concerns"], answer["refused"]) == (1, 0)


def test_the_csv_never_overwrites_the_records(tmp_path: Path, now: Path, new: Path) -> None:
    records = write_records(tmp_path, *ROWS)
    before = records.read_bytes()
    result = run(new, "--against", records, "--now", now, "--csv", records)
    assert (result.exit_code, records.read_bytes()) == (2, before)
    assert "--csv would overwrite RECORDS" in result.output


def test_an_id_that_looks_like_a_formula_becomes_text_in_the_csv(tmp_path: Path, now: Path, new: Path) -> None:
    records = write_records(tmp_path, ROWS[1].replace("R-2", "=2"))
    changes = tmp_path / "changes.csv"
    run(new, "--against", records, "--now", now, "--csv", changes)
    assert changes.read_text("utf-8").splitlines()[1].startswith("'=2,")
