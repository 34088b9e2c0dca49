"""The id and the name of an area, found among the properties of published boundary files. Values are invented."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_cli.city.draft.area_properties import Choice, UnknownProperty, choose_id, choose_name, id_text

Features = Sequence[Mapping[str, Any]]


def rows(names: str, *values: Sequence[Any]) -> Features:
    return [dict(zip(names.split(), row, strict=True)) for row in values]


OWN = rows("nc_id name objectid", ("7", "Elm Hill", "1"), ("9", "Oak Park", "2"), ("11", "Ash End", "3"))
NEW_YORK = rows("precinct shape_area shape_leng", ("1", "471.25", "80.1"), ("5", "18.5", "18.0"), ("6", "22.1", "26.2"))
NEW_YORK_AREAS = rows(
    "boro_code boro_name ntacode ntaname shape_area",
    ("1", "Island", "IS01", "North End", "35.2"),
    ("1", "Island", "IS02", "South End", "36.4"),
    ("2", "Mainland", "ML01", "Hilltop", "37.6"),
    ("2", "Mainland", "ML02", "Harbour", "38.8"),
)
CHICAGO = rows("dist_label dist_num", ("17TH", "17"), ("20TH", "20"), ("31ST", "31"), ("31ST", "31"), ("19TH", "19"))
LOS_ANGELES = rows("OBJECTID PREC APREC", (1, 11, "NORTHEAST"), (2, 1, "CENTRAL"), (3, 9, "VAN NUYS"))
SAN_FRANCISCO = rows("company district", ("A", "CENTRAL"), ("B", "SOUTHERN"), ("D", "MISSION"))
ENGLAND = rows("LSOA11CD LSOA11NM code name", *[(f"E{n}", f"Heath {n}A", f"E{n}", f"Heath {n}A") for n in (1, 2)])
VANCOUVER = rows("mapid name", ("AR", "Arbutus-Ridge"), ("SUN", "Sunset"))
BOSTON = rows("DISTRICT OBJECTID", ("A15", 1), ("A7", 2), ("A1", 3))
TORONTO = rows("AREA_ID AREA_NAME OBJECTID", (2502366, "Yonge", 16491505), (2502365, "York", 16491521))
NAMES_ONLY = rows("neighborhood", ("Elm Hill",), ("Oak Park",))
NUMBERED_ROWS = rows("OBJECTID SHAPE_Area SHAPE_Leng", (1, 12.5, 7.5), (2, 13.5, 8.5))
SAMPLE = rows("area_id area_name area_type code", ("A", "North", "beat", "1"), ("B", "South", "beat", "2"))
SPANISH = rows("cod_barrio nombre", ("02-1", "El Olmo"), ("02-2", "La Ribera"))
GERMAN = rows("BEZ_NR BEZ_NAME FLAECHE_HA", ("1", "Altstadt", 4.5), ("2", "Neustadt", 5.5))


@pytest.mark.parametrize(
    ("features", "id_property", "name_property"),
    [
        (OWN, "nc_id", "name"),
        (NEW_YORK, "precinct", None),
        (NEW_YORK_AREAS, "ntacode", "ntaname"),
        (CHICAGO, "dist_num", "dist_label"),
        (LOS_ANGELES, "PREC", "APREC"),
        (SAN_FRANCISCO, "district", "district"),
        (ENGLAND, "LSOA11CD", "LSOA11NM"),
        (VANCOUVER, "mapid", "name"),
        (BOSTON, "DISTRICT", "DISTRICT"),
        (TORONTO, "AREA_ID", "AREA_NAME"),
        (NAMES_ONLY, "neighborhood", "neighborhood"),
        (NUMBERED_ROWS, "OBJECTID", None),
        (SAMPLE, "area_id", "area_name"),
        (SPANISH, "cod_barrio", "nombre"),
        (GERMAN, "BEZ_NR", "BEZ_NAME"),
    ],
)
def test_published_files(features: Features, id_property: str, name_property: str | None) -> None:
    chosen = choose_id(features)
    assert chosen.name == id_property
    assert choose_name(features, id_property).name == name_property


def test_the_others_that_fit_are_named() -> None:
    assert choose_id(OWN) == Choice("nc_id", ("name", "objectid"))
    assert choose_name(ENGLAND, "LSOA11CD") == Choice("LSOA11NM", ("name",))


def test_parts_of_one_area_are_no_reason_to_take_the_row_number() -> None:
    parts = rows("precinct objectid name", ("1", 1, "First"), ("1", 2, "First"), ("5", 3, "Fifth"), ("7", 4, "Seventh"))
    assert choose_id(parts) == Choice("precinct", ("name", "objectid"))


def test_a_code_that_several_areas_share_is_not_their_id() -> None:
    shared = rows("district_code name", ("1", "Elm"), ("1", "Oak"), ("2", "Ash"))
    assert choose_id(shared) == Choice("name", ())


def test_a_property_that_some_areas_lack_is_not_their_id() -> None:
    assert choose_id([{"code": "A", "name": "Elm"}, {"code": None, "name": "Oak"}]) == Choice("name", ())
    assert choose_id([{"code": "A", "name": "Elm"}, {"code": " ", "name": "Oak"}]) == Choice("name", ())


def test_without_any_property_that_fits_there_is_none() -> None:
    assert choose_id([{}, {}]) == Choice(None, ())
    assert choose_id(rows("SHAPE_Area note", (1.5, ["a"]), (2.5, {}))) == Choice(None, ())


def test_one_area_has_an_id_as_well() -> None:
    assert choose_id([{"code": "A", "name": "Elm"}]).name == "code"


def test_a_name_is_no_address_and_no_number() -> None:
    features = rows("nc_id waddress email population", ("1", "http://one.example", "a@one.example", 120))
    assert choose_name([*features, *rows("nc_id waddress", ("2", "https://two.example"))], "nc_id").name is None


def test_a_name_for_most_areas_is_taken() -> None:
    assert choose_name([{"code": "1", "name": "Elm"}, {"code": "2", "name": None}], "code").name is None
    most = [{"code": str(number), "name": f"Elm {number}" if number else ""} for number in range(10)]
    assert choose_name(most, "code").name == "name"


def test_the_chosen_property_must_be_there() -> None:
    assert choose_id(OWN, "name") == Choice("name", ("nc_id", "objectid"))
    assert choose_name(OWN, "nc_id", "objectid").name == "objectid"
    with pytest.raises(UnknownProperty, match="no area has the property 'nmae'; there are nc_id, name, objectid"):
        choose_id(OWN, "nmae")
    with pytest.raises(UnknownProperty, match="2 of 3 areas lack the property 'code'"):
        choose_id([{"code": "A"}, {}, {}], "code")


PROPERTIES = st.dictionaries(
    st.sampled_from(["area_id", "code", "name", "objectid", "SHAPE_Area", "ward"]) | st.text(max_size=5),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.none(), max_size=1),
)


@given(st.lists(PROPERTIES, min_size=1, max_size=6))
def test_a_chosen_id_is_in_each_area_whatever_the_file_holds(features: list[dict[str, Any]]) -> None:
    chosen = choose_id(features)
    name = choose_name(features, chosen.name).name
    assert chosen.name is None or all(id_text(feature[chosen.name]) for feature in features)
    assert name is None or any(isinstance(feature.get(name), str) for feature in features)


def test_a_size_with_a_decimal_comma_is_no_id() -> None:
    features = rows("area name", ("250000,5", "North"), ("310000,25", "South"))
    assert choose_id(features).name == "name"
