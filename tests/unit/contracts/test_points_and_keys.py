"""The public grid, and routing keys that a subscriber can bind and a permission can bound."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_contracts import CATALOGUE, type_of
from concord_contracts import messages as m
from concord_contracts.codec import routing_key

from .samples import ANY_DATA, AT
from .test_envelope import DECIDED

ROUTED = m.ConcernRouted(
    concern_id="c-1",
    case_id="case-1",
    category="noise",
    area="A1",
    team="a1",
    team_name="District A-1",
    channel="web",
    border=False,
    received_at=AT,
    routed_at=AT,
    acknowledge_by=AT,
    respond_by=AT,
)
POINTS = st.builds(m.ExactPoint, lon=st.floats(-180, 180), lat=st.floats(-90, 90))


@given(POINTS)
def test_a_point_moves_by_half_a_grid_step_at_most(exact: m.ExactPoint) -> None:
    grid = m.snap(exact)
    assert abs(grid.lon - exact.lon) <= 0.0005 + 1e-9
    assert abs(grid.lat - exact.lat) <= 0.0005 + 1e-9
    assert -180 <= grid.lon <= 180
    assert -90 <= grid.lat <= 90


@given(POINTS)
def test_snapping_twice_changes_nothing(exact: m.ExactPoint) -> None:
    grid = m.snap(exact)
    assert m.snap(m.ExactPoint(lon=grid.lon, lat=grid.lat)) == grid


def test_neighbours_cannot_be_told_apart() -> None:
    one = m.snap(m.ExactPoint(lon=-71.059888, lat=42.358431))
    other = m.snap(m.ExactPoint(lon=-71.060301, lat=42.357999))
    assert one == other == m.GridPoint(lon=-71.06, lat=42.358)


def key(data: object) -> str:
    return routing_key(type_of(data), data)


def test_a_routing_key_is_type_area_category() -> None:
    assert key(ROUTED) == "concern.routed.v1.A1.noise"
    assert key(DECIDED) == "concern.unroutable.v1._.noise"
    contact = m.ContactGiven(concern_id="c", name=None, email=None, phone=None, language="en", given_at=AT)
    assert key(contact) == "contact.given.v1._._"


@pytest.mark.parametrize(
    ("code", "word"), [("a.b", "a-b"), ("#", "-"), ("*", "-"), ("x.*.#", "x----"), ("ñ" * 64, "ñ" * 50)]
)
def test_a_code_stays_one_word_that_no_binding_mistakes(code: str, word: str) -> None:
    assert key(replace(ROUTED, area=code)) == f"concern.routed.v1.{word}.noise"


@given(ANY_DATA)
def test_every_key_begins_with_its_type_and_has_two_more_words(data: object) -> None:
    kind = type_of(data)
    area, _, category = key(data).removeprefix(f"{kind.name}.").partition(".")
    assert area
    assert category
    assert not set(".*#") & set(area + category)
    assert len(key(data).encode()) <= 255


def test_no_type_is_the_beginning_of_another() -> None:
    """A binding `<type>.#` must not catch a second type."""
    for one in CATALOGUE:
        assert [other for other in CATALOGUE if f"{other}.".startswith(f"{one}.")] == [one]


def test_the_catalogue_describes_every_field() -> None:
    for kind in CATALOGUE.values():
        assert kind.description
        assert kind.version >= 1
        described = list(kind.fields())
        assert [each.name for each in described if "." not in each.name] == list(kind.data.__dataclass_fields__)
        assert all(each.meaning for each in described)
        for each in described:
            if each.name.endswith(("_at", "_by")):
                assert each.unit == "UTC"
