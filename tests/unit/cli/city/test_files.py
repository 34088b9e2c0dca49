"""The files of a drafted city: the check reads them, and comments say what is a guess."""

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from concord_city import Assignment, Locator, check, decide, load
from concord_city.adapters.boundary_file import Feature
from concord_cli.city.draft.areas import draft_areas
from concord_cli.city.draft.categories import STARTING, DraftCategory
from concord_cli.city.draft.city_draft import CityDraft, guesses
from concord_cli.city.draft.files import city_files
from concord_cli.city.draft.shared_points import SharedPoint
from concord_cli.city.draft.zone_guess import ZoneGuess
from concord_cli.city.folder import write_checked


def square(west: float, **properties: Any) -> Feature:
    ring = [[west, 42.30], [west + 0.02, 42.30], [west + 0.02, 42.32], [west, 42.32], [west, 42.30]]
    return Feature(1, properties, {"type": "Polygon", "coordinates": [ring]})


ELM = CityDraft(
    name="Elm",
    zone=ZoneGuess("America/New_York", "US", ("America/Halifax",)),
    emergency_number="911",
    languages=("en",),
    areas=draft_areas([square(-71.10, code="A", name="North"), square(-71.08, code="B", name="South")]),
    categories=STARTING,
    shared_points=(),
    boundary_file="districts.geojson",
    records_file=None,
)
HALL = SharedPoint(-71.09, 42.31, 20, 0.1, placeholder=True, areas=5)


def written(folder: Path, draft: CityDraft) -> Path:
    write_checked(folder, city_files(draft), check)
    return folder


def test_the_check_finds_nothing_wrong(tmp_path: Path) -> None:
    findings = check(written(tmp_path / "elm", ELM))
    assert [str(finding) for finding in findings if finding.level == "error"] == []


def test_each_area_s_team_takes_everything(tmp_path: Path) -> None:
    city = load(written(tmp_path / "elm", ELM))
    located = Locator(city).locate_all([(-71.09, 42.31), (-71.07, 42.31)])
    assert [place.area for place in located] == ["A", "B"]
    sunday = datetime(2026, 1, 4, 3, tzinfo=UTC)
    verdicts = [decide(city, place, "graffiti", "web", sunday) for place in located]
    assert verdicts == [Assignment("team-A", 0), Assignment("team-B", 0)]
    assert city.teams["team-A"].names == {"en": "Team North"}


def test_a_placeholder_counts_and_a_real_place_is_a_comment(tmp_path: Path) -> None:
    station = replace(HALL, lon=-71.07, placeholder=False, areas=1)
    folder = written(tmp_path / "elm", replace(ELM, shared_points=(HALL, station)))
    assert [(point.lon, point.lat) for point in load(folder).placeholders] == [(-71.09, 42.31)]
    text = (folder / "city.toml").read_text("utf-8")
    assert "# lon = -71.07" in text
    uncommented = tomllib.loads(text.replace("# [[", "[[").replace("# lon", "lon").replace("# lat", "lat"))
    assert len(uncommented["placeholder"]) == 2


def test_names_are_in_each_language(tmp_path: Path) -> None:
    city = load(written(tmp_path / "elm", replace(ELM, languages=("es", "en"))))
    assert city.languages == ("es", "en")
    assert city.teams["team-A"].names == {"es": "Equipo North", "en": "Team North"}
    assert city.emergency_words["es"]


def test_comments_say_what_is_a_guess_and_only_that() -> None:
    lines = city_files(ELM)["city.toml"].splitlines()
    (zone,) = (line for line in lines if line.startswith("time_zone"))
    assert zone == (
        'time_zone = "America/New_York"   # guess: the zone of the nearest place that tzdata lists (US); '
        "other clocks near: America/Halifax"
    )
    (said,) = (
        line
        for line in city_files(replace(ELM, given=frozenset({"time_zone"})))["city.toml"].splitlines()
        if line.startswith("time_zone")
    )
    assert said == 'time_zone = "America/New_York"'


def test_each_guess_says_how_to_change_it() -> None:
    found = {guess.about: guess for guess in guesses(replace(ELM, shared_points=(HALL,)))}
    assert found["area_id"].change == "--id-property NAME"
    assert found["time_zone"].change == "--time-zone NAME or --country CODE"
    assert found["placeholder"].reason == "20 records (10.0%) are at this point, of 5 recorded areas"
    assert all(guess.change for guess in found.values())
    chosen = guesses(replace(ELM, given=frozenset({"id_property", "time_zone", "name"})))
    assert {"area_id", "time_zone", "name"}.isdisjoint(guess.about for guess in chosen)


def test_parts_and_own_properties_are_in_the_areas() -> None:
    parts = draft_areas(
        [square(-71.1, code="A", ward=3), square(-71.0, code="A", ward=3), square(-71.05, code="B", ward=4)]
    )
    features = json.loads(city_files(replace(ELM, areas=parts))["areas.geojson"])["features"]
    assert features[0]["geometry"]["type"] == "MultiPolygon"
    assert features[0]["properties"] == {"area_id": "A", "area_name": "Area A", "code": "A", "ward": 3}


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=1, max_size=10))
def test_any_text_of_a_source_makes_a_city_that_can_be_read(name: str, area: str, file: str) -> None:
    areas = draft_areas([square(-71.10, code=area or "A", name=area), square(-71.08, code="B", name=name)])
    categories = (DraftCategory("x", name or "x", False, 1),)
    draft = replace(ELM, name=name or "x", areas=areas, categories=categories, boundary_file=file, records_file=name)
    for file_name, text in city_files(draft).items():
        readable = text.encode("utf-8", "replace").decode()
        assert (json.loads if file_name.endswith("json") else tomllib.loads)(readable)
