"""Pages, and cursors that clients cannot read."""

import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_web import Problem, Query
from concord_web.pagination import Cursor, Paging, page_of
from concord_web.params import Parameters


def old_format(text):
    return None, int(text)


BY_DUE = Cursor("due", datetime | None, int, legacy=old_format)
BY_ID = Cursor("id", datetime, str)
PAGING = Paging(default=50, largest=200, alias="after")
QUERY = Parameters(*PAGING.parameters)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(query):
    return QUERY.read(SimpleNamespace(query=Query(query)))


@given(st.none() | st.datetimes(timezones=st.just(UTC)), st.integers(-(2**53), 2**53))
def test_a_position_is_read_back(moment, number):
    cursor = BY_DUE.encode(moment, number)
    assert BY_DUE.decode(cursor) == (moment, number)
    assert PAGING.position(read(f"cursor={cursor}"), BY_DUE) == (moment, number)


def test_microseconds_are_kept():
    moment = AT + timedelta(microseconds=7)
    assert BY_ID.decode(BY_ID.encode(moment, "a b")) == (moment, "a b")


def written(*parts):
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "!!!",
        "//8",
        "MjAyNg",
        BY_DUE.encode(AT, 1),
        written(),
        written("id"),
        written("id", {"at": "2026-03-01T00:00:00Z"}),
        written("id", {"at": "2026-03-01T00:00:00"}, "a"),
        written("id", {"at": 7}, "a"),
        written("id", "2026-03-01T00:00:00Z", "a"),
        written("id", {"at": "2026-03-01T00:00:00Z"}, ""),
        written("id", {"at": "2026-03-01T00:00:00Z"}, "a\0"),
        written("id", {"at": "2026-03-01T00:00:00Z"}, True),
        "A" * 1001,
    ],
)
def test_a_made_up_cursor_is_a_clear_problem(cursor):
    with pytest.raises(ValueError):
        BY_ID.decode(cursor)


@pytest.mark.parametrize("name", ["cursor", "after"])
def test_the_problem_names_the_parameter_that_was_sent(name):
    with pytest.raises(Problem) as caught:
        PAGING.position(read(f"{name}=x"), BY_ID)
    assert caught.value.status == 400
    assert caught.value.errors[0]["field"] == name
    assert "`next`" in caught.value.detail


def test_the_format_of_an_earlier_version_is_read():
    assert PAGING.position(read("after=12"), BY_DUE) == (None, 12)


def test_without_a_cursor_it_begins_at_the_first_page():
    values = read("")
    assert (values[PAGING.limit], PAGING.position(values, BY_DUE)) == (50, None)


@pytest.mark.parametrize("limit", ["0", "201", "ten"])
def test_the_limit_is_bounded(limit):
    with pytest.raises(Problem) as caught:
        read(f"limit={limit}")
    assert caught.value.errors[0]["field"] == "limit"


def test_a_page_has_a_cursor_when_more_follows():
    assert page_of([1, 2, 3], 2, str) == ([1, 2], "2")
    assert page_of([1, 2], 2, str) == ([1, 2], None)
    assert page_of([], 2, str) == ([], None)


def test_openapi_marks_the_old_name_as_deprecated():
    described = {found["name"]: found for found in QUERY.openapi()}
    assert set(described) == {"limit", "cursor", "after"}
    assert described["after"]["deprecated"] is True
