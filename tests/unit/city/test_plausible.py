"""What is valid but not likely to be meant is a warning: the city stays usable."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from shapely import Geometry, Polygon, affinity, box, union_all

from concord_city import Finding, check, load

from .twoside import edit, feature, geojson, square, write_city

CASES = Path(os.environ.get("CONCORD_CASES", Path(__file__).resolve().parents[4] / "shared" / "cases")) / "first-day"
WEST, EAST = square(-71.02, 42.0), square(-71.0, 42.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path)


def shapes(folder: Path, **given: Geometry) -> list[Finding]:
    """The findings with other areas, all of which must be warnings. The rules of the city name west only."""
    (folder / "areas.geojson").write_text(geojson(*(feature(code, shape) for code, shape in given.items())))
    found = check(folder)
    assert {each.level for each in found} <= {"warning"}
    assert list(load(folder).areas) == list(given)
    return found


def swapped(shape: Geometry) -> Geometry:
    return affinity.affine_transform(shape, [0, 1, 1, 0, 0, 0])


def test_swapped_coordinates(folder: Path) -> None:
    edit(folder, "city.toml", "[[placeholder]]\nlon = -71.01\nlat = 42.01\n", "")
    (found,) = shapes(folder, west=swapped(WEST), east=swapped(EAST))
    assert (found.file, found.line) == ("areas.geojson", None)
    assert "15,1" in found.message
    assert "longitude and latitude look swapped" in found.message


@pytest.mark.parametrize(
    ("shape", "km", "why"),
    [
        (square(71.0, 42.0), "9,9", "the longitude looks to have the wrong sign"),
        (square(-71.0, -42.0), "9,3", "the latitude looks to have the wrong sign"),
        (swapped(EAST), "15,195", "longitude and latitude look swapped"),
        (square(0.0, 0.0), "8,449", "0, 0 stands for an unknown place"),
        (square(-80.0, 42.0), "7", "(lon, lat)"),
    ],
)
def test_an_area_far_from_the_others(folder: Path, shape: Geometry, km: str, why: str) -> None:
    (found,) = shapes(folder, west=WEST, east=EAST, third=shape)
    assert found.line == 4
    assert f"the area 'third' lies {km}" in found.message
    assert why in found.message


def test_a_part_at_zero(folder: Path) -> None:
    (found,) = shapes(folder, west=WEST, east=union_all([EAST, box(0, 0, 0.01, 0.01)]))
    assert found.line == 3
    assert "a part of the area 'east' lies 8,449" in found.message
    assert "0, 0 stands for an unknown place" in found.message


def test_a_corner_at_zero(folder: Path) -> None:
    found = shapes(folder, west=WEST, east=Polygon([(0, 0), (-70.98, 42.0), (-70.98, 42.02)]))
    assert found[0].line == 3
    assert "the area 'east' has a corner at 0, 0, which stands for an unknown place, and is 8," in found[0].message


def test_a_corner_that_lost_its_sign(folder: Path) -> None:
    found = shapes(folder, west=WEST, east=Polygon([(71.0, 42.0), (-70.98, 42.0), (-70.98, 42.02)]))
    assert "the area 'east' is 1" in found[0].message
    assert "km wide" in found[0].message


def test_a_city_on_both_sides_of_the_antimeridian_is_no_fault(folder: Path) -> None:
    edit(folder, "city.toml", "America/New_York", "Pacific/Fiji")
    edit(folder, "city.toml", "lon = -71.01\nlat = 42.01\n", "lon = -179.8\nlat = -16.85\n")
    assert shapes(folder, west=box(179.9, -16.9, 180, -16.8), east=box(-180, -16.9, -179.9, -16.8)) == []


def test_a_country_wide_service_is_no_fault(folder: Path) -> None:
    tiles = {f"t{x}-{y}": square(-100.0 + 2 * x, 35.0 + 2 * y, 2) for x in range(4) for y in range(4)}
    edit(folder, "city.toml", "America/New_York", "America/Chicago")
    edit(folder, "city.toml", "[[placeholder]]\nlon = -71.01\nlat = 42.01\n", "")
    assert shapes(folder, west=square(-102.0, 35.0, 2), **tiles) == []


def test_a_placeholder_far_away(folder: Path) -> None:
    edit(folder, "city.toml", "lon = -71.01", "lon = 71.01")
    (found,) = check(folder)
    assert (found.level, found.file, found.line) == ("warning", "city.toml", 15)
    assert "the placeholder lies 9,9" in found.message
    assert "the longitude looks to have the wrong sign" in found.message


def test_a_placeholder_at_zero_is_what_records_have(folder: Path) -> None:
    edit(folder, "city.toml", "lon = -71.01\nlat = 42.01", "lon = 0\nlat = 0")
    assert check(folder) == []


def test_a_border_wider_than_every_area(folder: Path) -> None:
    edit(folder, "city.toml", "border_m = 25", "border_m = 5000")
    (found,) = check(folder)
    assert (found.level, found.file, found.line) == ("warning", "city.toml", 5)
    assert "with border_m = 5000, every point of every area is border" in found.message


def test_a_border_wider_than_some_area(folder: Path) -> None:
    (found,) = shapes(folder, west=WEST, east=EAST, kiosk=square(-70.98, 42.0, 0.0004))
    assert found.file == "city.toml"
    assert "every point of the areas kiosk is border" in found.message


@pytest.mark.parametrize(("today", "expected"), [(date(2099, 1, 1), []), (date(2099, 1, 2), [6])])
def test_holidays_that_are_all_past(folder: Path, today: date, expected: list[int]) -> None:
    found = check(folder, today=today)
    assert [each.line for each in found] == expected
    assert all("no holiday after 2099-01-01" in each.message for each in found)


def test_a_city_without_holidays_is_right(folder: Path) -> None:
    edit(folder, "city.toml", "holidays = [2099-01-01]\n", "")
    assert check(folder) == []


def test_a_language_without_texts(folder: Path) -> None:
    assert check(folder, texts=("en", "es")) == []
    (found,) = check(folder, texts=("en", "fr"))
    assert (found.level, found.file, found.line) == ("warning", "city.toml", 3)
    assert "no texts in 'es': residents are written to in en and fr only" in found.message


def test_texts_of_the_base_language_are_enough(folder: Path) -> None:
    for old in ('"es"]', '"]\nes = ['):
        edit(folder, "city.toml", old, old.replace("es", "es-MX"))
    for file in ("categories.toml", "teams.toml"):
        text = (folder / file).read_text().replace("es =", "es-MX =")
        (folder / file).write_text(text)
    assert check(folder, texts=("en", "es")) == []


@pytest.mark.parametrize("zone", ["Factory", "localtime", "posixrules"])
def test_a_name_that_is_no_citys_time_is_an_error(folder: Path, zone: str) -> None:
    edit(folder, "city.toml", "America/New_York", zone)
    (found,) = check(folder)
    assert (found.level, found.line) == ("error", 2)
    assert "America/New_York" in found.remedy


FIRST_DAY = [
    ("21-nested-part.geojson", "warning", "parts of the area 'A' overlap by 915,820"),
    ("23-swapped.geojson", "warning", "longitude and latitude look swapped"),
    ("25-one-feature-without-minus.geojson", "warning", "'C' lies 9,8"),
    ("26-mixed-2d-3d.geojson", None, ""),
    ("27-empty-part.geojson", None, ""),
    ("28-parts-as-features.geojson", "note", "Concord joins them"),
    ("29-number-ids.geojson", None, ""),
    ("29-own-property-names.geojson", "error", "found: nc_id, name, objectid"),
    ("31-one-feature-a-line.geojson", "note", "sequence of GeoJSON features"),
    ("31-geojson-seq.geojson", "note", "sequence of GeoJSON features"),
    ("31-esri-json.geojson", "error", "Esri JSON"),
    ("32-zone-est.city.toml", "warning", "'EST' never changes its clocks"),
    ("33-dutch.city.toml", "warning", "written to in en and es only"),
    ("35-border-wider-than-areas.city.toml", "warning", "every point of every area is border"),
    ("36-holidays-long-past.city.toml", "warning", "no holiday after 2019"),
]


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases of the first day are not here (CONCORD_CASES)")
@pytest.mark.parametrize(("file", "level", "message"), FIRST_DAY)
def test_the_files_of_a_first_day(tmp_path: Path, file: str, level: str | None, message: str) -> None:
    for source in (CASES / "city").iterdir():
        shutil.copyfile(source, tmp_path / source.name)
    number = file.split(".")[0]
    for source in [CASES / file, *CASES.glob("33-dutch.*.toml")] if "dutch" in file else [CASES / file]:
        name = "areas.geojson" if source.suffix == ".geojson" else source.name.removeprefix(f"{number}.")
        shutil.copyfile(source, tmp_path / name)
    found = check(tmp_path, texts=("en", "es"))
    assert [each.level for each in found] == ([level] if level else [])
    assert all(message in each.message for each in found)
