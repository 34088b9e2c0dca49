"""Cases are worked over HTTP: real service, broker and database; what others hear is read from metrics' own queue."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pika
import pytest
from boston_sample import BOSTON, submissions
from cryptography.fernet import Fernet
from officer import Officer
from openapi_spec_validator import OpenAPIV31SpecValidator
from service_process import OPS_TOKEN, ServiceProcess, prepare, publish, until

from concord_contracts import Codec, Keyrings, new_event
from concord_contracts.encryption import RECIPIENTS, variable
from concord_contracts.messages import ConcernWithdrawn, ObjectionGiven
from concord_nodes.tcp_ports import choose_port

KEYS = {variable(each): Fernet.generate_key().decode() for each in RECIPIENTS}
CODEC = Codec(Keyrings.from_env(KEYS))
COMMANDS = (
    "acknowledge",
    "update",
    "promise",
    "renegotiate",
    "refer",
    "resolve",
    "decline",
    "reopen",
    "reassign",
    "close",
    "assign",
    "note",
)
WORDS = "says Alex Example of the third floor"


@pytest.fixture
def start(vhost, tmp_path):
    """Starts routing on a database with the first concerns of the sample."""
    prepare(vhost)
    env = {"CONCORD_BROKER_URL": vhost.amqp_url, "CONCORD_CITY": str(BOSTON / "city"), **KEYS}

    def started(database):
        given = {**env, "CONCORD_DATABASE_URL": database}
        return ServiceProcess("routing", tmp_path, choose_port(0, 0, "HTTP"), given)

    return started


def a_case(vhost, routing, count=1):
    """Ids of routed cases."""
    publish(vhost.amqp_url, CODEC, submissions(count + 10, datetime.now(UTC)))
    return until(lambda: _enough(routing.json("/v1/cases?state=routed", OPS_TOKEN)["cases"], count))


def _enough(found, count):
    ids = [each["case_id"] for each in found[:count]]
    return ids if len(ids) == count else None


def heard(vhost, concern_id, count):
    """The events of one concern in the order in which metrics gets them."""
    found = []
    with closing(pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))) as connection:
        channel = connection.channel()

        def enough():
            while (got := channel.basic_get("metrics.events", auto_ack=True))[0]:
                event = CODEC.decode(got[2])
                if event.partitionkey == concern_id:
                    found.append((event, got[2]))
            return len(found) >= count

        until(enough)
    return found


def test_a_case_is_worked_from_acknowledged_to_closed(vhost, start, databases):
    with start(databases) as routing:
        (case_id,) = a_case(vhost, routing)
        officer = Officer(routing)
        case = officer.look(case_id)
        assert (case.headers["ETag"], case.body["state"]) == ('"1"', "routed")

        etag, promised = case.headers["ETag"], case.body["respond_by"]
        for command, body, state in (
            ("acknowledge", None, "acknowledged"),
            ("update", {"message": f"on our way, {WORDS}"}, "in_progress"),
            ("resolve", {"reason": f"swept, {WORDS}"}, "resolved"),
            ("reopen", {"initiator": "resident", "reason": f"it is back, {WORDS}"}, "reopened"),
            ("resolve", {"reason": f"swept again, {WORDS}"}, "resolved"),
            ("close", None, "closed"),
        ):
            done = officer.order(case_id, command, body, etag)
            assert (done.status, done.body.get("state")) == (200, state), done.body
            etag = done.headers["ETag"]

        whole = officer.look(case_id)
        assert (whole.headers["ETag"], whole.body["allowed"]) == ('"7"', ["reopen", "note"])
        assert whole.body["respond_by"] >= promised  # the same on a holiday
        assert {name: whole.body[name] for name in done.body} == done.body
        history = [(each["actor"], each["command"], each["before"], each["after"]) for each in whole.body["history"]]
        assert history == [
            ("rules", "open", "received", "routed"),
            ("operator", "acknowledge", "routed", "acknowledged"),
            ("operator", "update", "acknowledged", "in_progress"),
            ("operator", "resolve", "in_progress", "resolved"),
            ("operator", "reopen", "resolved", "reopened"),
            ("operator", "resolve", "reopened", "resolved"),
            ("operator", "close", "resolved", "closed"),
        ]
        assert whole.body["history"][3]["reason"] == f"swept, {WORDS}"
        assert [each["case_id"] for each in routing.json("/v1/cases?state=closed", OPS_TOKEN)["cases"]] == [case_id]
        events = heard(vhost, case.body["concern_id"], 13)
        log = routing.log.read_text()

    assert [(event.type, event.sequence) for event, _ in events] == [
        ("concern.routed.v1", 1),
        ("promise.made.v1", 2),
        ("concern.acknowledged.v1", 3),
        ("promise.kept.v1", 4),
        ("concern.updated.v1", 5),
        ("concern.resolved.v1", 6),
        ("promise.kept.v1", 7),
        ("concern.reopened.v1", 8),
        ("promise.made.v1", 9),
        ("concern.resolved.v1", 10),
        ("promise.kept.v1", 11),
        ("promise.kept.v1", 12),
        ("concern.closed.v1", 13),
    ]
    assert [[each.promise for each in events[place][0].data.promises] for place in (1, 8)] == [
        ["acknowledgement", "response"]
    ] * 2
    assert events[7][0].data.initiator == "resident"
    assert WORDS not in log
    assert not any(WORDS.encode() in body for _, body in events)


def test_two_officers_a_repeat_and_refusals(vhost, start, sqlite_url):
    with start(sqlite_url) as routing:
        first, second, third = a_case(vhost, routing, 3)
        officer = Officer(routing)
        two_officers(officer, first)
        a_repeat(officer, second)
        refusals(officer, second)
        a_promise_by_hand(routing, officer, third)
        residents_act(vhost, officer, third)
        operators_only(routing, second)
        document = routing.json("/openapi.json")

    OpenAPIV31SpecValidator(document).validate()
    for command in COMMANDS:
        operation = document["paths"][f"/v1/cases/{{case_id}}/{command}"]["post"]
        assert {"200", "401", "404", "409", "412", "422", "428"} <= set(operation["responses"])


def two_officers(officer, case_id):
    """Both saw the same version and act at once."""
    replies = []

    def act(command, body):
        replies.append(officer.order(case_id, command, body, '"1"'))

    pair = [
        threading.Thread(target=act, args=("acknowledge", None)),
        threading.Thread(target=act, args=("resolve", {"reason": "done"})),
    ]
    for each in pair:
        each.start()
    for each in pair:
        each.join(60)

    won, late = sorted(replies, key=lambda each: each.status)
    assert (won.status, late.status) == (200, 412)
    assert late.headers["Content-Type"] == "application/problem+json"
    assert late.headers["ETag"] == won.headers["ETag"] == '"2"'
    assert late.body["case"] == won.body
    assert len(officer.look(case_id).body["history"]) == 2


def a_repeat(officer, case_id):
    order = ("update", {"message": "soon"}, '"1"', "key-1")
    first, again = officer.order(case_id, *order), officer.order(case_id, *order)
    assert first.status == again.status == 200
    assert (first.body, first.headers["ETag"]) == (again.body, again.headers["ETag"])
    assert len(officer.look(case_id).body["history"]) == 2
    other = officer.order(case_id, "update", {"message": "later"}, '"2"', "key-1")
    assert (other.status, other.body["errors"][0]["field"]) == (422, "Idempotency-Key")


def a_promise_by_hand(routing, officer, case_id):
    """Given another time, then missed: the service's own timer escalates it, and the answer ends that."""
    soon = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    promised = officer.order(case_id, "promise", {"message": "We come by at noon.", "due_at": soon}, '"1"')
    assert (promised.status, promised.body["state"]) == (200, "in_progress")
    sooner = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    moved = {"promise": "agreed", "due_at": sooner, "reason": "We are in your street now."}
    assert officer.order(case_id, "renegotiate", moved, '"2"').status == 200
    until(lambda: routing.json("/v1/cases?promise=missed", OPS_TOKEN)["cases"])
    case = officer.look(case_id).body
    assert [(each["promise"], each["state"]) for each in case["promises"]] == [
        ("acknowledgement", "kept"),
        ("response", "open"),
        ("agreed", "missed"),
    ]
    assert missed_tasks(routing) == [(case_id, case["team"], "agreed")]
    over = officer.order(case_id, "renegotiate", moved, '"3"')
    assert (over.status, over.body["promise"]["state"]) == (409, "missed")
    for due_at in ("2026-01-01T00:00:00Z", "tomorrow", "2999-01-01T00:00:00"):
        refused = officer.order(case_id, "promise", {"message": "x", "due_at": due_at}, '"3"')
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, "due_at"), refused.body
    assert officer.order(case_id, "resolve", {"reason": "swept"}, '"3"').body["promise"] is None
    assert missed_tasks(routing) == []


def residents_act(vhost, officer, case_id):
    """One says that it is not fixed, then takes the concern back; a withdrawal of an unknown concern waits."""
    concern_id, now = officer.look(case_id).body["concern_id"], datetime.now(UTC)
    objected = ObjectionGiven(concern_id=concern_id, resolution=9, reason=WORDS, given_at=now)
    publish(vhost.amqp_url, CODEC, [new_event(objected, sequence=7, time=now)])
    until(lambda: officer.look(case_id).body["state"] == "reopened")
    assert officer.look(case_id).body["history"][-1]["reason"] == WORDS
    about = {"category": "noise", "area": None, "team": None, "channel": "web", "withdrawn_at": now}
    line = [ConcernWithdrawn(concern_id=each, **about) for each in ("unknown", concern_id)]
    publish(vhost.amqp_url, CODEC, [new_event(each, sequence=8, time=now) for each in line])
    until(lambda: officer.look(case_id).body["state"] == "withdrawn")
    assert {each["state"] for each in officer.look(case_id).body["promises"][-2:]} == {"void"}


def missed_tasks(routing):
    found = routing.json("/v1/tasks?limit=1000", OPS_TOKEN)["tasks"]
    return [(each["case_id"], each["team"], each["reason"]) for each in found if each["kind"] == "promise_missed"]


def refusals(officer, case_id):
    forbidden = officer.order(case_id, "reopen", None, '"2"')
    assert (forbidden.status, forbidden.body["state"]) == (409, "in_progress")
    possible = ("update", "promise", "renegotiate", "refer", "resolve", "decline", "reassign", "assign", "note")
    assert forbidden.body["allowed"] == [*possible]
    assert officer.order(case_id, "resolve", {"reason": "x"}).status == 428
    for command, body, field in (
        ("resolve", None, "reason"),
        ("resolve", {"reason": "x" * 2001}, "reason"),
        ("resolve", {"reason": "x", "to": "y"}, "to"),
        ("decline", {"reason": "x"}, "where_to_go"),
        ("refer", {"reason": "x"}, "to"),
        ("update", {"message": 7}, "message"),
        ("reassign", {"team": "nobody"}, "team"),
    ):
        refused = officer.order(case_id, command, body, '"2"')
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, field), refused.body
    assert officer.order(case_id, "resolve", {"reason": "x"}, "2").status == 400
    assert officer.order(case_id, "resolve", b"{", '"2"').status == 400
    assert officer.order(case_id, "resolve", b"x" * 70_000, '"2"').status == 413
    assert officer.order("0000000000", "acknowledge", None, '"1"').status == 404
    assert officer.look(case_id).body["version"] == 2


def operators_only(routing, case_id):
    for stranger in (Officer(routing, None), Officer(routing, "wrong")):
        for command in COMMANDS:
            assert stranger.order(case_id, command, None, '"2"').status == 401
        assert stranger.look(case_id).status == 401
