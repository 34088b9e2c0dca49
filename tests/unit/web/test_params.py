"""Query parameters: parsed and described by one declaration."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from concord_web import Problem, Query, params

STATE = params.one_of("state", ("due", "failed"), "state of a notice").with_default("failed")
AREA = params.code("area", "code of an area")
ACTOR = params.text("actor", "author", max_length=8, pattern="[a-z]+")
LIMIT = params.integer("limit", "entries", least=1, most=20)
DAY = params.date("day", "day")
SINCE = params.instant("since", "from this time on").with_alias("from")
ALL = params.Parameters(STATE, AREA, ACTOR, LIMIT, DAY, SINCE)


def read(query):
    return ALL.read(SimpleNamespace(query=Query(query)))


def refusal(query):
    with pytest.raises(Problem) as caught:
        read(query)
    assert caught.value.status == 400
    (error,) = caught.value.errors
    return error["field"], error["detail"]


def test_every_kind_is_read():
    values = read("state=due&area=B2&actor=key&limit=7&day=2026-02-28&since=2026-03-01T02:00:00%2B02:00")
    assert [values[parameter] for parameter in (STATE, AREA, ACTOR, LIMIT, DAY)] == [
        "due",
        "B2",
        "key",
        7,
        date(2026, 2, 28),
    ]
    assert values[SINCE] == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("query", ["", "state=&area=&limit=&day=&since=&from="])
def test_absent_and_empty_values_take_the_default(query):
    values = read(query)
    assert [values[parameter] for parameter in (STATE, AREA, ACTOR, LIMIT, DAY, SINCE)] == ["failed", *[None] * 5]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lost", "state"),
        (f"area={65 * 'x'}", "area"),
        ("area=a%0Ab", "area"),
        ("actor=Alex", "actor"),
        ("actor=abcdefghi", "actor"),
        ("limit=0", "limit"),
        ("limit=21", "limit"),
        ("limit=1e1", "limit"),
        ("limit=%D9%A1", "limit"),
        ("day=2026-02-30", "day"),
        ("day=20260228", "day"),
        ("since=yesterday", "since"),
        ("since=2026-03-01T00:00:00", "since"),
        ("since=9999-12-31T23:59:59-05:00", "since"),
        ("from=yesterday", "from"),
        ("area=a&area=b", "area"),
        ("since=2026-03-01T00:00:00Z&from=2026-03-01T00:00:00Z", "from"),
        ("distrct=B2", "distrct"),
    ],
)
def test_a_wrong_parameter_is_named(query, field):
    named, detail = refusal(query)
    assert named == field
    assert detail.endswith(".")


def test_an_unknown_parameter_lists_the_known_ones():
    assert refusal("x=1")[1] == "Unknown parameter. Known parameters: state, area, actor, limit, day, since."
    with pytest.raises(Problem, match="Known parameters: none"):
        params.Parameters().read(SimpleNamespace(query=Query("x=1")))


def test_a_plus_that_was_not_escaped_is_read():
    assert read("since=2026-03-01T02:00:00+02:00")[SINCE] == datetime(2026, 3, 1, tzinfo=UTC)


def test_an_alias_is_read_and_named_in_problems():
    values = read("from=2026-03-01T00:00:00Z")
    assert values[SINCE] == datetime(2026, 3, 1, tzinfo=UTC)
    assert values.problem(SINCE, "Too early.").errors[0]["field"] == "from"


def test_openapi_comes_from_the_declaration():
    described = {found["name"]: found for found in ALL.openapi()}
    assert described["state"] == {
        "in": "query",
        "name": "state",
        "description": "state of a notice",
        "schema": {"type": "string", "enum": ["due", "failed"], "default": "failed"},
    }
    assert described["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 20}
    assert described["actor"]["schema"] == {"type": "string", "maxLength": 8, "pattern": "^(?:[a-z]+)$"}
    assert described["from"]["deprecated"] is True
    assert "deprecated" not in described["since"]


def test_headers_and_path_parameters_are_described():
    assert params.header("If-Match", "version", required=True)["required"] is True
    assert "required" not in params.header("Accept-Language", "language")
    assert params.path("endpoint", "id or name") == {
        "in": "path",
        "name": "endpoint",
        "required": True,
        "description": "id or name",
        "schema": {"type": "string", "minLength": 1},
    }
