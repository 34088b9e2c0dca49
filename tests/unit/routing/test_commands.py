"""Commands at the client, on the store in memory: once, on the version that was seen, in one transaction."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from types import SimpleNamespace

import pytest
from routing_client import Client
from routing_concerns import AT, CITY, OUTSIDE, submitted
from tests.memory.bus import MemoryBus
from tests.memory.routing import MemoryStore

from concord_access import Action, NotAllowed, Principal, Role
from concord_access.authenticator import OPERATOR
from concord_access.domain.permissions import actions_of
from concord_bus.unit_of_work import OpenWork
from concord_routing.application.execute_command import CaseNotFound, IdempotencyKeyReused, VersionConflict
from concord_routing.application.live_rules import fixed
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.domain.workflow import TransitionNotAllowed
from concord_routing.entrypoints.error_responses import PROBLEMS
from concord_routing.entrypoints.event_handlers import event_handlers

TABLE = PROBLEMS
PRIVATE = ("word.given.v1", "word.recorded.v1")


class Office:
    """A client with one routed case, `W`, and one in triage, `T`."""

    def __init__(self):
        self.now = AT
        ids = iter("WTPQ")
        self.bus = MemoryBus(
            MemoryStore(), event_handlers(fixed(CITY), lambda number: list(islice(ids, number))), now=lambda: self.now
        )
        self.bus.deliver(submitted("w"), submitted("t", OUTSIDE))
        self.client = Client(self, lambda: self.now)

    @contextmanager
    def work(self):
        with self.bus.database.begin() as (tx, store):
            work = OpenWork(store, self.now, self.bus.codec)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self):
        with self.bus.database.begin() as (_, store):
            yield store

    def order(self, command, version=1, raw=None, case="W", key=None, who=OPERATOR):
        return self.client.order(command, case, raw or {}, who, f'"{version}"', key)

    @property
    def told(self):
        """What everybody is told after the two openings, with the kinds of the promises."""
        events = [each for each in self.bus.published if each.type not in PRIVATE][3:]
        return [(each.type, each.sequence, *kinds(each.data)) for each in events]

    @property
    def words(self):
        return [each for each in self.bus.published if each.type in PRIVATE]


def kinds(data):
    """Of the promises that an event tells of."""
    return [each.promise for each in getattr(data, "promises", (data,)) if hasattr(each, "promise")]


@pytest.fixture
def office():
    return Office()


def test_a_line_of_commands_is_told_in_order_and_kept(office):
    office.order("acknowledge")
    office.order("update", 2, {"message": "soon"})
    answered = office.order("resolve", 3, {"reason": "swept"})

    assert json.loads(answered.body)["state"] == "resolved"
    assert json.loads(answered.body)["allowed"] == ["reopen", "close", "note"]
    assert office.told == [
        ("concern.acknowledged.v1", 3),
        ("promise.kept.v1", 4, "acknowledgement"),
        ("concern.updated.v1", 5),
        ("concern.resolved.v1", 6),
        ("promise.kept.v1", 7, "response"),
    ]
    version, case = office.client.show("w", OPERATOR)
    assert version == answered.version == case["version"] == 4
    assert [(each["command"], each["before"], each["after"]) for each in case["history"]] == [
        ("open", "received", "routed"),
        ("acknowledge", "routed", "acknowledged"),
        ("update", "acknowledged", "in_progress"),
        ("resolve", "in_progress", "resolved"),
    ]
    assert [each["actor"] for each in case["history"]] == ["rules", *["operator"] * 3]
    assert case["history"][3]["reason"] == "swept"


def test_no_words_leave_routing_in_events(office):
    for version, command, raw in (
        (1, "update", {"message": "tell nobody"}),
        (2, "refer", {"reason": "tell nobody", "to": "tell nobody"}),
        (3, "reopen", {"reason": "tell nobody"}),
        (4, "decline", {"reason": "tell nobody", "where_to_go": "tell nobody"}),
    ):
        office.order(command, version, raw)
    assert [each[0] for each in office.told if each[0].startswith("concern")] == [
        "concern.updated.v1",
        "concern.referred.v1",
        "concern.reopened.v1",
        "concern.declined.v1",
    ]
    assert not any(b"tell nobody" in row.body for row in office.bus.database.tables.outbox.values())


def test_the_second_of_two_officers_is_given_the_case_as_it_is(office):
    office.order("acknowledge")
    with pytest.raises(VersionConflict) as late:
        office.order("resolve", 1, {"reason": "done"})

    problem = TABLE.find(late.value)
    assert (problem.status, problem.headers["ETag"]) == (412, '"2"')
    assert problem.extra["case"]["state"] == "acknowledged"
    assert len(office.told) == 2


def test_a_repeated_request_gets_the_same_answer_and_has_no_second_effect(office):
    first = office.order("acknowledge", key="k1")
    office.order("resolve", 2, {"reason": "done"})

    assert office.order("acknowledge", key="k1") == first
    assert len(office.told) == 4
    assert office.client.show("W", OPERATOR)[1]["state"] == "resolved"


@pytest.mark.parametrize(
    ("command", "version", "raw", "case"),
    [
        ("resolve", 1, {"reason": "x"}, "W"),
        ("update", 1, {"message": "other"}, "W"),
        ("update", 2, {"message": "word"}, "W"),
        ("update", 1, {"message": "word"}, "T"),
    ],
)
def test_another_request_with_the_key_is_refused(office, command, version, raw, case):
    office.order("update", 1, {"message": "word"}, key="k1")
    with pytest.raises(IdempotencyKeyReused) as refused:
        office.order(command, version, raw, case, key="k1")
    assert TABLE.find(refused.value).status == 422
    assert len(office.told) == 2


def test_a_key_is_free_again_after_a_refusal_and_after_a_day(office):
    with pytest.raises(TransitionNotAllowed):
        office.order("close", key="k1")
    office.order("acknowledge", key="k1")
    office.now += timedelta(hours=24)
    assert office.client.cases.delete_expired_keys() == 0
    office.now += timedelta(seconds=1)
    assert office.order("update", 2, {"message": "a day later"}, key="k1").version == 3
    office.now += timedelta(days=2)
    assert (office.client.cases.delete_expired_keys(), office.client.cases.delete_expired_keys()) == (1, 0)


def test_what_is_forbidden_names_state_and_commands(office):
    with pytest.raises(TransitionNotAllowed) as refused:
        office.order("reopen")
    problem = TABLE.find(refused.value)
    assert problem.status == 409
    assert problem.extra["state"] == "routed"
    assert problem.extra["allowed"] == [
        "acknowledge",
        "update",
        "promise",
        "renegotiate",
        "refer",
        "resolve",
        "decline",
        "reassign",
        "assign",
        "note",
    ]
    assert "routed" in problem.detail
    assert office.told == []


def test_an_unknown_team_is_named(office):
    with pytest.raises(InvalidCommand) as refused:
        office.order("reassign", raw={"team": "nobody"})
    problem = TABLE.find(refused.value)
    assert (problem.status, problem.errors[0]["field"]) == (422, "team")
    assert "patrol-west" in problem.errors[0]["detail"]


def test_an_unknown_case(office):
    for ask in (lambda: office.order("acknowledge", case="X"), lambda: office.client.show("X", OPERATOR)):
        with pytest.raises(CaseNotFound) as refused:
            ask()
        assert TABLE.find(refused.value).status == 404


def test_a_person_s_task_is_done_with_the_first_team_or_the_refusal(office):
    assert [task.case_id for _, task in office.bus.database.store.tasks(0, 10)] == ["T"]
    office.order("decline", 1, {"reason": "not here", "where_to_go": "the county"}, "T")
    assert office.bus.database.store.tasks(0, 10) == []
    office.order("reopen", 2, {}, "T")
    assert [task.case_id for _, task in office.bus.database.store.tasks(0, 10)] == ["T"]
    office.order("reassign", 3, {"team": "works"}, "T")
    assert office.bus.database.store.counts().tasks_open == 0
    reassigned = next(each for each in office.bus.published if each.type == "concern.reassigned.v1")
    assert reassigned.data.from_team is None


def test_a_key_is_its_sender_s_own_and_goes_with_their_grant(office):
    one, other = (replace(OPERATOR, subject=f"key:{each}") for each in ("one", "other"))
    first = office.order("acknowledge", key="k1", who=one)
    office.order("update", 2, {"message": "soon"}, key="k1", who=other)
    assert office.order("acknowledge", key="k1", who=one) == first
    with pytest.raises(IdempotencyKeyReused):
        office.order("acknowledge", key="k1", who=replace(one, teams=frozenset({"works"})))


def test_each_command_of_an_officer_has_an_audit_action_and_an_event_unless_only_colleagues_hear_of_it():
    assert all(spec.audit_action for spec in OFFICER_COMMANDS.values())
    assert {name for name, spec in OFFICER_COMMANDS.items() if not spec.event} == {"assign", "note"}


class Recorded:
    """A store that records the names of the queries."""

    def __init__(self, store, queries):
        self._store, self._queries = store, queries

    def __getattr__(self, name):
        self._queries.append(name)
        return getattr(self._store, name)


@pytest.mark.parametrize("case", ["W", "T"])
def test_a_case_of_others_is_answered_like_an_unknown_one(office, case, monkeypatch):
    stranger = Principal("key:other", Role.OFFICER, frozenset({"another"}), frozenset({"*"}), actions_of(Role.OFFICER))
    answers = {}
    for place in (case, "ZZZZ"):
        queries = []
        monkeypatch.setattr(
            office.client.cases, "_transactions", SimpleNamespace(read=lambda to=queries: reading(office, to))
        )
        with pytest.raises(CaseNotFound) as read:
            office.client.show(place, stranger)
        monkeypatch.undo()
        with pytest.raises(CaseNotFound) as worked:
            office.order("acknowledge", case=place, who=stranger)
        found = [PROBLEMS.find(error.value) for error in (read, worked)]
        answers[place] = queries, [(problem.as_dict(), problem.headers) for problem in found]
    assert answers[case] == answers["ZZZZ"]
    assert answers[case][0] == ["case", "history", "promises"]


@contextmanager
def reading(office, queries):
    with office.read() as store:
        yield Recorded(store, queries)


def test_who_may_read_no_case_is_told_so_for_any_id(office):
    nobody = Principal("key:none", Role.OFFICER, frozenset({"*"}), frozenset({"*"}), frozenset({Action.CASE_WORK}))
    for case in ("W", "ZZZZ"):
        with pytest.raises(NotAllowed):
            office.client.show(case, nobody)


def test_a_command_beyond_the_grant_on_a_readable_case_is_refused_with_the_reason(office):
    reader = Principal("key:r", Role.OFFICER, frozenset({"*"}), frozenset({"*"}), frozenset({Action.CASE_READ}))
    with pytest.raises(NotAllowed):
        office.order("acknowledge", who=reader)
