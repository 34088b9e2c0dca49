"""In which area a point lies: cores, borders, overlaps, placeholders and nowhere."""

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.ops import unary_union

from concord_city import City, Located, Locator, Placeholder
from concord_city.geometry import local_metres

from .twoside import city, square

METRE_NORTH = 1 / 111_080
METRE_EAST = 1 / 82_850
OUTSIDE = Located(None, reason="outside")
NOWHERE = Located(None, reason="no_location")


def one(lon: float, lat: float, where: City | None = None) -> Located:
    return Locator(where or city()).locate_all([(lon, lat)])[0]


def test_well_inside() -> None:
    assert one(-71.015, 42.011) == Located("west")
    assert one(-70.985, 42.011) == Located("east")


def test_near_the_border_between_two_areas_is_assigned_and_marked() -> None:
    assert one(-71.0 - 20 * METRE_EAST, 42.01) == Located("west", border=True)
    assert one(-71.0 - 30 * METRE_EAST, 42.01) == Located("west")
    assert one(-71.0 + 20 * METRE_EAST, 42.01) == Located("east", border=True)


def test_on_the_border_itself_the_first_area_takes_it() -> None:
    assert one(-71.0, 42.01) == Located("west", border=True)


def test_near_the_outer_border_is_marked() -> None:
    assert one(-71.015, 42.02 - 20 * METRE_NORTH) == Located("west", border=True)


def test_just_outside_goes_to_the_nearest_and_is_marked() -> None:
    assert one(-71.015, 42.02 + 20 * METRE_NORTH) == Located("west", border=True)
    assert one(-71.0 + 5 * METRE_EAST, 42.02 + 20 * METRE_NORTH) == Located("east", border=True)


def test_far_outside_goes_nowhere() -> None:
    assert one(-71.015, 42.02 + 30 * METRE_NORTH) == OUTSIDE
    assert one(0.0, 0.0) == OUTSIDE
    assert one(500.0, -500.0) == OUTSIDE


def test_across_the_antimeridian() -> None:
    """Two areas, of which the first is cut in two parts at 180 degrees: the cut is no border."""
    cut = unary_union([box(179.98, -16.9, 180, -16.88), box(-180, -16.9, -179.98, -16.88)])
    fiji = city(
        shapes={"cut": cut, "north": box(-180, -16.88, -179.98, -16.86)},
        placeholders=(Placeholder(-179.99, -16.87, 1.0),),
    )
    located = Locator(fiji).locate_all(
        [(179.99, -16.89), (180.0, -16.89), (-180.0, -16.89), (-179.9999, -16.89), (-179.99, -16.87), (-179.97, -16.89)]
    )
    assert located == [*[Located("cut")] * 4, Located(None, reason="placeholder"), OUTSIDE]
    assert one(-180 + 5 * METRE_EAST, -16.87, fiji) == Located("north", border=True)
    assert one(180 - 5 * METRE_EAST, -16.87, fiji) == Located("north", border=True)


def test_one_area_at_greenwich_and_one_at_the_antimeridian() -> None:
    far = city(shapes={"london": box(-0.2, 51.4, 0.0, 51.6), "taveuni": box(-180, -17, -179.9, -16.9)})
    assert [one(-0.05, 51.5, far), one(-0.15, 51.5, far), one(-179.95, -16.95, far)] == [
        Located("london"),
        Located("london"),
        Located("taveuni"),
    ]


def test_without_a_point_or_with_a_broken_one() -> None:
    found = Locator(city()).locate_all([None, (float("nan"), 42.0), (-71.015, float("inf"))])
    assert found == [NOWHERE] * 3


def test_nothing_asked() -> None:
    assert Locator(city()).locate_all([]) == []


def test_a_placeholder_is_never_a_district() -> None:
    placeholder = Located(None, reason="placeholder")
    assert one(-71.01, 42.01) == placeholder
    assert one(-71.01, 42.01 + 0.9 * METRE_NORTH) == placeholder
    assert one(-71.01, 42.01 + 1.2 * METRE_NORTH) == Located("west")


def test_a_city_without_placeholders() -> None:
    assert one(-71.01, 42.01, city(placeholders=())) == Located("west")


def test_a_placeholder_outside_every_area_is_still_one() -> None:
    there = city(placeholders=(Placeholder(0.0, 0.0, 5.0),))
    assert one(0.0, 0.0, there) == Located(None, reason="placeholder")


def test_in_two_areas_the_first_of_the_file_takes_it_and_it_is_marked() -> None:
    shapes = {"late": square(-71.01, 42.0), "early": square(-71.02, 42.0)}
    assert one(-71.005, 42.01, city(shapes=shapes, placeholders=())) == Located("late", border=True)
    assert one(-71.015, 42.01, city(shapes=shapes, placeholders=())) == Located("early")


def test_no_border_distance_marks_nothing_but_doubt() -> None:
    exact = city(border_m=0.0)
    assert one(-71.0 - 3 * METRE_EAST, 42.01, exact) == Located("west")
    assert one(-71.0, 42.01, exact) == Located("west", border=True)


def test_an_area_narrower_than_the_border_is_all_border() -> None:
    shapes = {"lane": box(-71.0, 42.0, -71.0 + 30 * METRE_EAST, 42.02)}
    assert one(-71.0 + 15 * METRE_EAST, 42.01, city(shapes=shapes)) == Located("lane", border=True)


def test_a_batch_keeps_its_order() -> None:
    points = [(-71.015, 42.011), None, (-70.985, 42.011), (0.0, 0.0), (-71.01, 42.01)]
    found = Locator(city()).locate_all(points)
    assert [(each.area, each.reason) for each in found] == [
        ("west", None),
        (None, "no_location"),
        ("east", None),
        (None, "outside"),
        (None, "placeholder"),
    ]


L_SHAPE = Polygon(
    [(-71.02, 42.0), (-71.0, 42.0), (-71.0, 42.004), (-71.016, 42.004), (-71.016, 42.02), (-71.02, 42.02)]
)
SHAPES = {
    "el": L_SHAPE,
    "inner": box(-71.016, 42.004, -71.008, 42.012),
    "over": box(-71.0101, 42.0039, -71.0, 42.009),
    "island": Point(-71.002, 42.016).buffer(0.002),
}
TANGLED = city(shapes=SHAPES, placeholders=())
TANGLED_LOCATOR = Locator(TANGLED)
longitudes, latitudes = st.floats(-71.022, -70.998), st.floats(41.998, 42.022)


@settings(max_examples=400, deadline=None)
@given(longitudes, latitudes)
def test_cores_answer_as_the_plain_definition_does(lon: float, lat: float) -> None:
    local = local_metres([area.outline for area in TANGLED.areas.values()])
    shapes = {code: local.shape(area.outline) for code, area in TANGLED.areas.items()}
    x, y = (lon - local.lon) * local.scale[0], (lat - local.lat) * local.scale[1]
    point = Point(x, y)
    homes = [code for code, shape in shapes.items() if shape.intersects(point)]
    nearest = min(shapes, key=lambda code: shapes[code].distance(point))
    edges = unary_union([shape.boundary for shape in shapes.values()])
    near = edges.distance(point) <= 25
    expected = OUTSIDE
    if homes:
        expected = Located(homes[0], near or len(homes) > 1)
    elif near:
        expected = Located(nearest, border=True)
    assert TANGLED_LOCATOR.locate_all([(lon, lat)]) == [expected]
