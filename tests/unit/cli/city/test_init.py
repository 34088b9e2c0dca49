"""`concord city init`: from a boundary file and an export to a city folder that can be used."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from concord_city import Locator, check, load
from concord_cli.commands import concord
from concord_cli.common.records import Record
from concord_cli.records import load_mapping, read_rows

ROOT = Path(__file__).resolve().parents[4]
SAMPLE = ROOT / "deploy" / "sample"
INVENTED = SAMPLE / "invented"
FILES = ["areas.geojson", "categories.toml", "city.toml", "columns.toml", "rules.toml", "teams.toml"]
ZONES = {
    "new-york": "America/New_York",
    "chicago": "America/Chicago",
    "los-angeles": "America/Los_Angeles",
    "san-francisco": "America/Los_Angeles",
}
AREAS = {
    "new-york": ["1", "5", "6", "7", "9", "10"],
    "chicago": ["1", "2", "31", "17", "20"],
    "los-angeles": ["41", "42", "43", "44", "45"],
    "san-francisco": ["CENTRAL", "SOUTHERN", "BAYVIEW", "MISSION", "NORTHERN"],
}
POLICE = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)


def init(*arguments: object) -> Result:
    return CliRunner().invoke(concord, ["city", "init", *map(str, arguments)], prog_name="concord")


def report(*arguments: object) -> dict[str, Any]:
    result = init("--json", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def squares(*properties: dict[str, Any], west: float = -71.1) -> str:
    features = []
    for number, own in enumerate(properties):
        left, right = west + number * 0.02, west + (number + 1) * 0.02
        ring = [[left, 42.30], [right, 42.30], [right, 42.32], [left, 42.32], [left, 42.30]]
        features.append({"type": "Feature", "properties": own, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    file = tmp_path / "districts.geojson"
    file.write_text(squares({"code": "A", "name": "North"}, {"code": "B", "name": "South"}), "utf-8")
    return file


@pytest.mark.parametrize("city", ZONES)
def test_a_published_export_and_a_boundary_file_make_a_city(city: str, tmp_path: Path) -> None:
    (boundaries,) = (INVENTED / city).glob("*.geojson")
    result = init("--areas", boundaries, "--records", INVENTED / city / "311.csv", tmp_path / city)

    assert result.exit_code == 0, result.output
    assert "150 of 150 rows of 311.csv are records." in result.output
    assert sorted(file.name for file in (tmp_path / city).iterdir()) == FILES
    assert [str(finding) for finding in check(tmp_path / city) if finding.level == "error"] == []
    loaded = load(tmp_path / city)
    assert list(loaded.areas) == AREAS[city]
    assert loaded.time_zone == ZONES[city]
    assert loaded.emergency_number == "911"
    assert [(point.lon, point.lat) for point in loaded.placeholders] == [hall(city)]


def test_parts_of_one_area_that_touch_become_one(areas: Path, tmp_path: Path) -> None:
    areas.write_text(squares({"beat": "1"}, {"beat": "1"}, {"beat": "2"}), "utf-8")
    assert report("--areas", areas, tmp_path / "x")["findings"] == []
    assert Locator(load(tmp_path / "x")).locate_all([(-71.07, 42.31)])[0].area == "1"


def hall(city: str) -> tuple[float, float]:
    ring = json.loads(next((INVENTED / city).glob("*.geojson")).read_text("utf-8"))["features"][2]["geometry"]
    west, south = ring["coordinates"][0][0]
    return round(west + 0.01, 6), round(south + 0.01, 6)


@pytest.mark.parametrize("city", ZONES)
def test_each_record_then_finds_its_category_and_its_team(city: str, tmp_path: Path) -> None:
    (boundaries,) = (INVENTED / city).glob("*.geojson")
    init("--areas", boundaries, "--records", INVENTED / city / "311.csv", tmp_path / city)
    loaded, mapping = load(tmp_path / city), load_mapping(tmp_path / city / "columns.toml")

    rows = list(
        read_rows(INVENTED / city / "311.csv", mapping, ZoneInfo(loaded.time_zone), categories=loaded.categories)
    )
    records = [row for row in rows if isinstance(row, Record)]
    assert len(records) == len(rows) == 150
    located = Locator(loaded).locate_all([record.point for record in records])
    assert sum(place.area is not None for place in located) == 130
    assert {f"team-{place.area}" for place in located if place.area} <= set(loaded.teams)


def test_invented_files_come_from_their_program(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLE / "make_invented.py", tmp_path], check=True, timeout=60)
    made = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    kept = {file.relative_to(INVENTED): file.read_bytes() for file in INVENTED.rglob("*.*") if file.suffix != ".md"}
    assert made == kept


def test_the_report_as_json(areas: Path, tmp_path: Path) -> None:
    found = report("--areas", areas, tmp_path / "elm-town")
    assert (found["areas"], found["teams"], found["placeholders"], found["records"]) == (2, 2, 0, None)
    guesses = {guess["about"]: guess for guess in found["guesses"]}
    assert guesses["area_id"] == {
        "about": "area_id",
        "value": "code",
        "reason": "name would fit too",
        "change": "--id-property NAME",
    }
    assert guesses["name"]["value"] == "Elm Town"


def test_the_text_says_each_guess_with_the_way_to_change_it(areas: Path, tmp_path: Path) -> None:
    output = init("--areas", areas, tmp_path / "elm").output
    assert "Wrote " in output
    assert "  area_id: code (name would fit too) -> --id-property NAME" in output
    assert "  holidays: none (each city has its own) -> fill in [holidays] in city.toml" in output
    assert f"Next: concord city check {tmp_path}/elm\n" in output
    assert f"      concord up --home {tmp_path}/concord-elm --city {tmp_path}/elm\n" in output


def test_what_you_choose_is_no_guess(areas: Path, tmp_path: Path) -> None:
    chosen = ["--id-property", "name", "--name-property", "code", "--name", "Elm", "--time-zone", "America/Chicago"]
    chosen += ["--emergency-number", "112", "--language", "es", "--language", "en"]
    found = report("--areas", areas, *chosen, tmp_path / "x")
    city = load(tmp_path / "x")
    assert list(city.areas) == ["North", "South"]
    assert (city.name, city.time_zone, city.emergency_number, city.languages) == (
        "Elm",
        "America/Chicago",
        "112",
        ("es", "en"),
    )
    assert {"area_id", "area_name", "name", "time_zone", "emergency_number", "languages"}.isdisjoint(
        guess["about"] for guess in found["guesses"]
    )


def test_a_country_chooses_zone_and_number(areas: Path, tmp_path: Path) -> None:
    report("--areas", areas, "--country", "IE", tmp_path / "x")
    city = load(tmp_path / "x")
    assert (city.time_zone, city.emergency_number) == ("Europe/Dublin", "112")


def test_months_of_a_police_force(tmp_path: Path, areas: Path) -> None:
    rows = ["2026-08,A,Anti-social behaviour", "2026-09,A,Violence and sexual offences", "2026-09,B,Other crime"]
    file = tmp_path / "2026-09-example-street.csv"
    lines = []
    for number, row in enumerate(rows):
        month, area, kind = row.split(",")
        lines.append(f",{month},Example,Example,-71.09,42.31{number},On or near Elm,{area},Example,{kind},,\n")
    file.write_text(POLICE + "".join(lines), "utf-8")
    found = report("--areas", areas, "--records", file, tmp_path / "x")
    assert found["records"] == {
        "rows": 3,
        "refused": [],
        "guesses": ["These are the columns of the ready mapping ukpolice."],
    }
    city = load(tmp_path / "x")
    assert city.time_zone == "America/New_York"  # where the areas lie: the mapping knows another city
    assert load_mapping(tmp_path / "x" / "columns.toml").time_zone is None
    assert list(city.categories) == ["anti_social_behaviour", "violence_and_sexual_offences", "other_crime"]
    assert city.categories["violence_and_sexual_offences"].sensitive
    assert city.categories["other_crime"].names == {"en": "Other crime"}


def test_an_export_that_nobody_knows(tmp_path: Path, areas: Path) -> None:
    file = tmp_path / "melder.csv"
    file.write_text(
        "Ticket ID;Category;Opened;Latitude;Longitude;District\n"
        "7;Straßenschaden;05.01.2026 10:00;42,31;-71,09;a\n8;Lärm;15.01.2026 11:00;42,31;-71,07;SOUTH\n",
        "utf-8",
    )
    report("--areas", areas, "--records", file, tmp_path / "x")
    city, mapping = load(tmp_path / "x"), load_mapping(tmp_path / "x" / "columns.toml")
    assert list(city.categories) == ["strassenschaden", "larm"]
    rows = list(read_rows(file, mapping, city.zone, categories=city.categories))
    assert [(row.category, row.point, row.area) for row in rows if isinstance(row, Record)] == [
        ("strassenschaden", (-71.09, 42.31), "A"),
        ("larm", (-71.07, 42.31), "B"),
    ]


def test_rows_that_are_no_records_are_told(tmp_path: Path, areas: Path) -> None:
    file = tmp_path / "export.csv"
    bad = "".join(f"{number},Noise,2026-01-0{number},142.31,-71.09\n" for number in range(1, 6))
    file.write_text(f"id,category,date,lat,lon\n{bad}9,Noise,2026-01-02,42.31,-71.09\n", "utf-8")
    output = init("--areas", areas, "--records", file, tmp_path / "x").output
    assert "1 of 6 rows of export.csv are records." in output
    assert "export.csv line 2, column lat: " in output
    assert "and 2 more refused rows" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--id-property", "nmae"], "no area has the property 'nmae'; there are code, name."),
        (["--name-property", "nmae"], "no area has the property 'nmae'; there are code, name."),
        (["--time-zone", "America/New_Yrok"], "did you mean 'America/New_York'?"),
        (["--country", "XX"], "'XX' is not a country code of ISO 3166"),
        (["--emergency-number", "call"], "'call' is not a telephone number"),
        (["--language", "xx"], "'xx' is not"),
        (["--from", "nyc311"], "add --records FILE"),
        (["--records", "no-such.csv"], "does not exist"),
    ],
)
def test_wrong_calls_exit_with_2_and_write_nothing(
    arguments: list[str], message: str, areas: Path, tmp_path: Path
) -> None:
    result = init("--areas", areas, *arguments, tmp_path / "x")
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "x").exists()


def test_records_of_another_place_are_told(areas: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    rows = "".join(f"{number},Noise,2026-01-02,-71.09,42.31\n" for number in range(10))
    file.write_text(f"id,category,date,lat,lon\n{rows}", "utf-8")
    found = report("--areas", areas, "--records", file, tmp_path / "x")
    assert found["warning"].startswith("0 of 10 records with a place lie in an area.")
    assert "Warning: 0 of 10 records" in init("--areas", areas, "--records", file, tmp_path / "y").output


def test_a_file_without_any_record_writes_nothing(areas: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("id,category,date,lat,lon\n1,Noise,2026-01-02,491000,142000\n2,Noise,2026-01-02,x,y\n", "utf-8")
    result = init("--areas", areas, "--records", file, tmp_path / "x")
    assert result.exit_code == 1
    assert "nothing is written, as no row of export.csv is a record:\n  export.csv line 2, " in result.output
    assert not (tmp_path / "x").exists()


def test_areas_of_another_layer_are_no_codes(areas: Path, tmp_path: Path) -> None:
    """Police districts beside neighbourhoods: one of them lies within an area by chance."""
    file = tmp_path / "export.csv"
    rows = [f"{number},Noise,2026-01-02,42.31,-71.09,C11\n" for number in range(12)]
    rows += [f"{number + 50},Noise,2026-01-02,42.31,{-71.09 + number % 2 * 0.02},D4\n" for number in range(40)]
    file.write_text(f"id,category,date,lat,lon,district\n{''.join(rows)}", "utf-8")
    found = report("--areas", areas, "--records", file, tmp_path / "x")
    assert found["warning"].startswith("most areas that the records name are none of the boundary file")
    mapping = load_mapping(tmp_path / "x" / "columns.toml")
    assert "area" not in mapping.columns
    assert not mapping.areas.codes


def test_a_folder_in_use_stays(areas: Path, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "city.toml").write_text("mine")
    result = init("--areas", areas, tmp_path / "x")
    assert result.exit_code == 2
    assert "exists and is not empty: choose another folder, or empty it first" in result.output
    assert [file.read_text() for file in (tmp_path / "x").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "districts.geojson"),
        ("<kml/>", "KML"),
        ('{"type": "FeatureCollection", "features": []}', "the file has no area"),
        (squares({"code": "A"}).replace("42.32", "42.3"), "area 'A': it does not enclose a surface"),
        (squares({"code": "A"}, west=491_000.0), "look like metres of a map projection"),
    ],
)
def test_a_boundary_file_that_cannot_be_used_exits_with_1(text: str, message: str, areas: Path, tmp_path: Path) -> None:
    areas.write_text(text, "utf-8")
    result = init("--areas", areas, tmp_path / "x")
    assert result.exit_code == 1
    assert message in result.output
    assert result.output.count(" -> ") == 1
    assert not (tmp_path / "x").exists()


def test_exchanged_coordinates_are_told_unless_you_confirm_the_place(areas: Path, tmp_path: Path) -> None:
    square = [[42.30, -71.10], [42.32, -71.10], [42.32, -71.08], [42.30, -71.08], [42.30, -71.10]]
    geometry = {"type": "Polygon", "coordinates": [square]}
    areas.write_text(json.dumps({"type": "Feature", "properties": {"code": "A"}, "geometry": geometry}), "utf-8")
    result = init("--areas", areas, tmp_path / "x")
    assert result.exit_code == 1
    assert "near Antarctica/" in result.output
    assert "near America/New_York if longitude and latitude are exchanged" in result.output
    assert init("--areas", areas, "--time-zone", "Antarctica/Mawson", tmp_path / "x").exit_code == 0


def test_an_export_without_a_category_names_the_way_out(areas: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("id,when,lat,lon\n1,2026-01-02,42.31,-71.09\n", "utf-8")
    result = init("--areas", areas, "--records", file, tmp_path / "x")
    assert result.exit_code == 2
    assert "no column looks like the category" in result.output
    assert "--columns columns.toml" in result.output


def test_free_text_is_no_category(areas: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    rows = "".join(f"{number},Lamp {number} is out,2026-01-02\n" for number in range(1001))
    file.write_text(f"id,category,date\n{rows}", "utf-8")
    result = init("--areas", areas, "--records", file, tmp_path / "x")
    assert result.exit_code == 1
    assert "the column category has 1,001 different texts, too many for categories -> name another" in result.output
    assert not (tmp_path / "x").exists()


def test_a_mapping_of_your_own_counts(areas: Path, tmp_path: Path) -> None:
    file, columns = tmp_path / "export.csv", tmp_path / "mine.toml"
    file.write_text("no,what,when\n1,Noise,2026-01-02\n", "utf-8")
    columns.write_text('source = "elm"\n[columns]\nid = "no"\ncategory = "what"\ntime = "when"\n', "utf-8")
    report("--areas", areas, "--records", file, "--columns", columns, tmp_path / "x")
    assert list(load(tmp_path / "x").categories) == ["Noise"]
    assert load_mapping(tmp_path / "x" / "columns.toml").source == "elm"


def test_the_zone_of_an_export_need_not_be_the_city_s(areas: Path, tmp_path: Path) -> None:
    file, columns = tmp_path / "export.csv", tmp_path / "mine.toml"
    file.write_text("no,what,when\n1,Noise,2026-01-02 10:00\n", "utf-8")
    columns.write_text('source = "elm"\ntime_zone = "UTC"\n[columns]\nid = "no"\ncategory = "what"\ntime = "when"\n')
    report("--areas", areas, "--records", file, "--columns", columns, tmp_path / "x")
    assert load(tmp_path / "x").time_zone == "America/New_York"
    assert load_mapping(tmp_path / "x" / "columns.toml").time_zone == "UTC"


def test_a_zone_that_you_choose_counts_for_a_known_export_too(tmp_path: Path) -> None:
    files = ["--areas", INVENTED / "chicago" / "districts.geojson", "--records", INVENTED / "chicago" / "311.csv"]
    report(*files, "--time-zone", "America/Denver", tmp_path / "x")
    assert load(tmp_path / "x").time_zone == "America/Denver"
    assert load_mapping(tmp_path / "x" / "columns.toml").time_zone is None


def test_records_in_concord_s_own_columns_get_a_source(areas: Path, tmp_path: Path) -> None:
    report("--areas", areas, "--records", SAMPLE / "boston" / "records.csv", tmp_path / "x")
    mapping = load_mapping(tmp_path / "x" / "columns.toml")
    assert mapping.source
    assert mapping.columns["category"] == ("n_category",)
    assert "graffiti" in load(tmp_path / "x").categories
