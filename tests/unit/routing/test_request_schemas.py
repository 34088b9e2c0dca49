"""Bodies of commands, and the positions at which pages begin."""

from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import ValidationError
from routing_concerns import AT

from concord_routing.domain import commands
from concord_routing.entrypoints import query_params as q
from concord_routing.entrypoints.command_routes import CommandRoutes
from concord_routing.entrypoints.request_schemas import REQUEST_SCHEMAS, parse_command
from concord_routing.ports import DueCursor
from concord_web import Problem, Query, routes_of


@pytest.mark.parametrize(
    ("command", "raw", "order"),
    [
        ("acknowledge", {}, commands.Acknowledge()),
        ("update", {"message": "on our way"}, commands.Update("on our way")),
        ("update", {"message": "which\ndoor?", "waiting_for_resident": True}, commands.Update("which\ndoor?", True)),
        ("refer", {"reason": "theirs", "to": "The county"}, commands.Refer("theirs", "The county")),
        ("resolve", {"reason": "<b>done</b>"}, commands.Resolve("<b>done</b>")),
        ("decline", {"reason": "no", "where_to_go": "there"}, commands.Decline("no", "there")),
        ("reopen", {}, commands.Reopen()),
        ("reopen", {"initiator": "resident", "reason": None}, commands.Reopen("resident")),
        ("reassign", {"team": "works"}, commands.Reassign("works")),
        ("close", {}, commands.Close()),
        ("update", {"message": "swept", "keeps_promise": True}, commands.Update("swept", keeps_promise=True)),
        ("promise", {"message": "soon", "due_at": "2026-11-23T10:00:00-05:00"}, commands.MakePromise("soon", AT)),
        (
            "renegotiate",
            {"promise": "response", "due_at": "2026-11-23T15:00:00Z", "reason": "why"},
            commands.Renegotiate("response", AT, "why"),
        ),
    ],
)
def test_a_body_becomes_an_order(command, raw, order):
    assert parse_command(command, raw) == order


@pytest.mark.parametrize(
    ("command", "raw", "field"),
    [
        ("acknowledge", {"note": "x"}, "note"),
        ("acknowledge", [], "_schema"),
        ("close", "close", "_schema"),
        ("update", {}, "message"),
        ("update", {"message": 5}, "message"),
        ("update", {"message": "x" * 2001}, "message"),
        ("update", {"message": "a\0b"}, "message"),
        ("update", {"message": "a\x1b[2Jb"}, "message"),
        ("update", {"message": "x", "waiting_for_resident": 1}, "waiting_for_resident"),
        ("update", {"message": "x", "waiting_for_resident": None}, "waiting_for_resident"),
        ("resolve", {"reason": " \n\t"}, "reason"),
        ("resolve", {"reason": None}, "reason"),
        ("refer", {"reason": "why"}, "to"),
        ("refer", {"reason": "why", "to": "x" * 201}, "to"),
        ("decline", {"reason": "why"}, "where_to_go"),
        ("decline", {"reason": "why", "where_to_go": ""}, "where_to_go"),
        ("reopen", {"initiator": "mayor"}, "initiator"),
        ("reassign", {"team": 3}, "team"),
        ("reassign", {}, "team"),
        ("promise", {"message": "x"}, "due_at"),
        ("promise", {"message": "x", "due_at": "2026-11-23T15:00:00"}, "due_at"),
        ("promise", {"message": "x", "due_at": "9999-12-31T23:59:59-14:00"}, "due_at"),
        ("promise", {"message": "x", "due_at": 5}, "due_at"),
        ("promise", {"due_at": "2026-11-23T15:00:00Z"}, "message"),
        ("renegotiate", {"due_at": "2026-11-23T15:00:00Z", "reason": "x"}, "promise"),
        ("renegotiate", {"promise": "x" * 65, "due_at": "2026-11-23T15:00:00Z", "reason": "x"}, "promise"),
        ("renegotiate", {"promise": "response", "due_at": "2026-11-23T15:00:00Z"}, "reason"),
    ],
)
def test_a_bad_body_is_refused_by_field(command, raw, field):
    with pytest.raises(ValidationError) as refused:
        parse_command(command, raw)
    assert list(refused.value.messages) == [field]


def test_each_command_of_an_officer_has_a_schema_and_a_route():
    paths = {f"/v1/cases/{{case_id}}/{name}" for name in REQUEST_SCHEMAS}
    assert set(REQUEST_SCHEMAS) == set(commands.OFFICER_COMMANDS)
    assert {route.path for route in routes_of(CommandRoutes)} == paths


class Asked:
    def __init__(self, query):
        self.query = Query(query)


def due_position(query):
    return q.due_position(q.CASES.read(Asked(query)))


@pytest.mark.parametrize("name", ["cursor", "after"])
@pytest.mark.parametrize("moment", [None, AT, AT + timedelta(microseconds=7), datetime(1901, 1, 1, tzinfo=UTC)])
def test_a_position_is_read_back_as_it_was_given(moment, name):
    cursor = q.BY_DUE.encode(moment, 12)
    assert due_position(f"sort=due&{name}={cursor}") == DueCursor(moment, 12)


@pytest.mark.parametrize(
    ("cursor", "position"),
    [("none.12", DueCursor(None, 12)), ("0.3", DueCursor(datetime(1970, 1, 1, tzinfo=UTC), 3))],
)
def test_cursors_of_earlier_versions_are_still_read(cursor, position):
    assert due_position(f"after={cursor}") == position
    assert q.opening_position(q.CASES.read(Asked("after=7"))) == 7


def test_without_a_position_it_begins_at_the_start():
    assert due_position("after=") is due_position("") is None
    assert q.opening_position(q.CASES.read(Asked(""))) == 0


@pytest.mark.parametrize(
    "cursor", ["12", "x.1", "1.", "none", "1.2.3", f"{9:018}.1x", f"{10**18 - 1}.1", q.BY_OPENING.encode(7)]
)
@pytest.mark.parametrize("name", ["cursor", "after"])
def test_a_made_up_position_is_refused(cursor, name):
    with pytest.raises(Problem) as refused:
        due_position(f"{name}={cursor}")
    assert (refused.value.status, refused.value.errors[0]["field"]) == (400, name)


def test_an_unknown_parameter_is_refused():
    with pytest.raises(Problem, match="teem"):
        q.CASES.read(Asked("teem=works"))
