"""What may be sent: bodies, headers, and where a page begins."""

from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import ValidationError
from routing_concerns import AT

from concord_routing.domain import commands as o
from concord_routing.entrypoints.query_params import cursor, due_after
from concord_routing.entrypoints.request_schemas import FORMS, read_order
from concord_routing.ports import DuePlace
from concord_routing.preconditions import read_key, read_version
from concord_web import Problem, Query


@pytest.mark.parametrize(
    ("command", "raw", "order"),
    [
        ("acknowledge", {}, o.Acknowledge()),
        ("update", {"message": "on our way"}, o.Update("on our way")),
        ("update", {"message": "which\ndoor?", "waiting_for_resident": True}, o.Update("which\ndoor?", True)),
        ("refer", {"reason": "theirs", "to": "The county"}, o.Refer("theirs", "The county")),
        ("resolve", {"reason": "<b>done</b>"}, o.Resolve("<b>done</b>")),
        ("decline", {"reason": "no", "where_to_go": "there"}, o.Decline("no", "there")),
        ("reopen", {}, o.Reopen()),
        ("reopen", {"initiator": "resident", "reason": None}, o.Reopen("resident")),
        ("reassign", {"team": "works"}, o.Reassign("works")),
        ("close", {}, o.Close()),
        ("update", {"message": "swept", "keeps_promise": True}, o.Update("swept", keeps_promise=True)),
        ("promise", {"message": "soon", "due_at": "2026-11-23T10:00:00-05:00"}, o.GivePromise("soon", AT)),
        (
            "renegotiate",
            {"promise": "response", "due_at": "2026-11-23T15:00:00Z", "reason": "why"},
            o.Renegotiate("response", AT, "why"),
        ),
    ],
)
def test_a_body_becomes_an_order(command, raw, order):
    assert read_order(command, raw) == order


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
        read_order(command, raw)
    assert list(refused.value.messages) == [field]


def test_there_is_a_form_for_each_command():
    assert set(FORMS) == set(o.COMMANDS)


def test_the_version_seen_is_read_from_the_etag():
    assert (read_version('"1"'), read_version(' "420" ')) == (1, 420)


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 428), ("", 400), ("1", 400), ("*", 400), ('W/"1"', 400), ('"0"', 400), ('"1", "2"', 400), ('"x"', 400)],
)
def test_what_is_no_etag_is_refused(header, status):
    with pytest.raises(Problem) as refused:
        read_version(header)
    assert refused.value.status == status
    assert refused.value.errors[0]["field"] == "If-Match"


def test_a_key_tells_requests_apart_whatever_the_order_of_their_fields():
    one, same = read_key("k", [{"a": 1, "b": 2}]), read_key("k", [{"b": 2, "a": 1}])
    assert one == same
    assert read_key("k", [{"a": 1}]) != one
    assert read_key(None, []) is None


@pytest.mark.parametrize("value", ["", "x" * 256, "naïve", "a\tb"])
def test_a_malformed_key_is_refused(value):
    with pytest.raises(Problem) as refused:
        read_key(value, [])
    assert (refused.value.status, refused.value.errors[0]["field"]) == (400, "Idempotency-Key")


class Asked:
    def __init__(self, query):
        self.query = Query(query)


@pytest.mark.parametrize("moment", [None, AT, AT + timedelta(microseconds=7), datetime(1901, 1, 1, tzinfo=UTC)])
def test_a_place_is_read_back_as_it_was_given(moment):
    place = DuePlace(moment, 12)
    assert due_after(Asked(f"after={cursor(place)}")) == place


def test_without_a_place_it_begins_at_the_start():
    assert due_after(Asked("after=")) is due_after(Asked("")) is None


@pytest.mark.parametrize("given", ["12", "x.1", "1.", "none", "1.2.3", f"{9:018}.1x", f"{10**18 - 1}.1"])
def test_a_made_up_place_is_refused(given):
    with pytest.raises(Problem) as refused:
        due_after(Asked(f"after={given}"))
    assert (refused.value.status, refused.value.errors[0]["field"]) == (400, "after")
