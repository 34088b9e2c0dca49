"""Places in metres: the UTM zone of the areas, if the records lie in the areas then."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from concord_city.adapters.boundary_file import Feature
from concord_cli.city.draft.areas import DraftAreas, draft_areas
from concord_cli.city.projection_guess import in_utm, utm_code
from concord_cli.city.records_draft import read_draft
from concord_cli.records import propose

ZONE = ZoneInfo("America/Vancouver")
HEAD = "id,category,date,x,y\n"


@pytest.fixture
def vancouver() -> DraftAreas:
    ring = [[-123.20, 49.20], [-123.00, 49.20], [-123.00, 49.30], [-123.20, 49.30], [-123.20, 49.20]]
    return draft_areas([Feature(1, {"code": "V"}, {"type": "Polygon", "coordinates": [ring]})])


def exported(folder: Path, *places: str) -> Path:
    file = folder / "export.csv"
    rows = (f"{number},Mischief,2026-01-02,{place}\n" for number, place in enumerate(places))
    file.write_text(HEAD + "".join(rows), "utf-8")
    return file


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((-123.1, 49.25), "EPSG:32610"),
        ((-0.7, 51.3), "EPSG:32630"),
        ((151.2, -33.9), "EPSG:32756"),
        ((180.0, 1.0), "EPSG:32660"),
        ((-180.0, 1.0), "EPSG:32601"),
    ],
)
def test_the_zone_around_a_place(place: tuple[float, float], code: str) -> None:
    assert utm_code(*place) == code


def test_metres_are_read_in_the_zone_of_the_areas(tmp_path: Path, vancouver: DraftAreas) -> None:
    file = exported(tmp_path, "494146.7128,5450708.371", "492626.622,5458332.4619")
    mapping = propose(file)
    records = read_draft(file, mapping, ZONE)
    assert len(records.refused) == 2
    projected, again = in_utm(file, mapping, records, vancouver, ZONE)
    assert projected.projection == "EPSG:32610"
    assert "The places are taken as metres of EPSG:32610, the UTM zone of the areas." in projected.guesses
    assert again.refused == ()
    first = again.points[0].point
    assert first is not None
    assert first == pytest.approx((-123.080363, 49.209140), abs=2e-5)


@pytest.mark.parametrize("places", [("961234.5,180123.5",) * 3, ("-123.1,49.25",) * 3, ("x,y",) * 3])
def test_other_numbers_stay_as_they_are(places: tuple[str, ...], tmp_path: Path, vancouver: DraftAreas) -> None:
    file = exported(tmp_path, *places)
    mapping = propose(file)
    records = read_draft(file, mapping, ZONE)
    assert in_utm(file, mapping, records, vancouver, ZONE) == (mapping, records)
