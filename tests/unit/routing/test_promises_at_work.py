"""Promises and silence at the client and by the timers, on the store in memory."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from routing_client import Client
from routing_concerns import AT, EAST, HOUR, OUTSIDE, WORDS, submitted
from test_commands import TABLE, Office

from concord_access.authenticator import OPERATOR
from concord_contracts import new_event
from concord_contracts.messages import ConcernWithdrawn, ObjectionGiven
from concord_routing.adapters.objection_decryption import objection_reader
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.promise import PromiseNotOpen

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
REASON = "the tyres burn again"


@pytest.fixture
def office():
    made = Office()
    made.client = Client(made, lambda: made.now, objection_reader(made.bus.codec._keyrings))
    return made


def promises(office, case="W"):
    return {each["promise_id"]: each["state"] for each in office.client.show(case, OPERATOR)[1]["promises"]}


def tasks(office):
    return [(each.case_id, each.kind, each.reason, each.team) for _, each in office.bus.database.store.tasks(0, 10)]


def look(office, now):
    """The timers, until nothing is left to see."""
    office.now = now
    while office.client.cases.check_deadlines():
        pass


def last(office, kind):
    return next(each for each in reversed(office.bus.published) if each.type == kind)


def test_a_promise_comes_to_be_at_risk_is_missed_and_escalates(office):
    look(office, AT + 50 * MINUTE)
    assert office.told == [("promise.at_risk.v1", 3, "acknowledgement")]
    assert office.client.show("W", OPERATOR)[1]["promise"] == "at_risk"

    look(office, AT + 2 * HOUR)
    look(office, AT + 2 * HOUR)

    assert office.told[1:] == [("promise.missed.v1", 4, "acknowledgement")]
    missed = last(office, "promise.missed.v1")
    assert missed.time == missed.data.missed_at == missed.data.due_at == AT + HOUR
    assert missed.recorded == AT + 2 * HOUR
    assert tasks(office)[1:] == [("W", "promise_missed", "acknowledgement", "patrol-west")]
    version, case = office.client.show("W", OPERATOR)
    assert (version, case["promise"], promises(office)) == (1, "missed", {"W-1": "missed", "W-2": "open"})


def test_the_late_word_ends_the_escalation(office):
    look(office, AT + 2 * HOUR)
    office.order("acknowledge")

    assert tasks(office) == [("T", "triage", "outside", None)]
    assert office.told == [("promise.missed.v1", 3, "acknowledgement"), ("concern.acknowledged.v1", 4)]
    acknowledgement = office.client.show("W", OPERATOR)[1]["promises"][0]
    assert (acknowledgement["state"], acknowledgement["done_at"]) == ("missed", "2026-11-23T17:00:00Z")


def test_a_late_word_before_the_timer_tells_of_the_miss_first(office):
    office.now = AT + 2 * HOUR
    office.order("acknowledge")
    look(office, AT + 3 * HOUR)

    assert office.told == [("promise.missed.v1", 3, "acknowledgement"), ("concern.acknowledged.v1", 4)]
    assert last(office, "promise.missed.v1").time == AT + HOUR
    assert tasks(office) == [("T", "triage", "outside", None)]


def test_a_promise_by_hand(office):
    answered = office.order("promise", 1, {"message": "We sweep on Friday.", "due_at": "2026-11-27T12:00:00-05:00"})

    assert json.loads(answered.body)["state"] == "in_progress"
    assert office.told == [
        ("concern.updated.v1", 3),
        ("promise.kept.v1", 4, "acknowledgement"),
        ("promise.made.v1", 5, "agreed"),
    ]
    assert last(office, "promise.made.v1").data.origin == "officer"
    given, recorded = office.words
    assert (given.data.word, given.data.words) == ("update", "We sweep on Friday.")
    assert given.data.due_at == recorded.data.due_at == last(office, "promise.made.v1").data.promises[0].due_at
    office.order("update", 2, {"message": "Swept.", "keeps_promise": True})
    assert office.told[-1] == ("promise.kept.v1", 7, "agreed")
    assert promises(office) == {"W-1": "kept", "W-2": "open", "W-3": "kept"}


@pytest.mark.parametrize("named", ["response", "W-2"])
def test_another_time_before_it_is_due(office, named):
    order = {"promise": named, "due_at": "2026-12-01T12:00:00Z", "reason": "The sweeper broke."}
    answered = office.order("renegotiate", 1, order)

    body = json.loads(answered.body)
    assert (body["state"], body["respond_by"]) == ("routed", "2026-12-01T12:00:00Z")
    assert office.told == [("promise.renegotiated.v1", 3, "response")]
    told = last(office, "promise.renegotiated.v1")
    assert told.data.due_before == AT + 24 * HOUR
    assert [(each.data.word, each.data.cause_id, each.data.cause_sequence) for each in office.words] == [
        ("renegotiate", told.id, 3)
    ] * 2
    entry = office.client.show("W", OPERATOR)[1]["history"][-1]
    assert (entry["reason"], entry["due_at"]) == ("The sweeper broke.", "2026-12-01T12:00:00Z")
    look(office, AT + 25 * HOUR)
    assert promises(office)["W-2"] == "open"


def test_what_is_over_cannot_be_renegotiated(office):
    later = {"due_at": "2026-12-01T12:00:00Z", "reason": "x"}
    office.order("acknowledge")
    for now, promise in ((AT, "acknowledgement"), (AT + 24 * HOUR, "response")):
        office.now = now
        with pytest.raises(PromiseNotOpen) as over:
            office.order("renegotiate", 2, later | {"promise": promise})
        problem = TABLE.find(over.value)
        assert (problem.status, problem.extra["promise"]["promise"]) == (409, promise)


@pytest.mark.parametrize(
    ("command", "raw", "field"),
    [
        ("promise", {"message": "x", "due_at": "2026-11-23T15:00:00Z"}, "due_at"),
        ("promise", {"message": "x", "due_at": "2028-11-23T15:00:00Z"}, "due_at"),
        ("renegotiate", {"promise": "response", "due_at": "2026-11-23T14:00:00Z", "reason": "x"}, "due_at"),
        ("renegotiate", {"promise": "agreed", "due_at": "2026-12-23T14:00:00Z", "reason": "x"}, "promise"),
        ("renegotiate", {"promise": "T-1", "due_at": "2026-12-23T14:00:00Z", "reason": "x"}, "promise"),
    ],
)
def test_what_cannot_be_promised(office, command, raw, field):
    with pytest.raises(InvalidCommand) as wrong:
        office.order(command, 1, raw)
    assert TABLE.find(wrong.value).status == 422
    assert wrong.value.field == field
    assert office.told == []


def test_of_two_promises_by_hand_one_must_be_named(office):
    office.order("promise", 1, {"message": "one", "due_at": "2026-11-27T12:00:00Z"})
    office.order("promise", 2, {"message": "two", "due_at": "2026-11-28T12:00:00Z"})
    with pytest.raises(InvalidCommand, match="W-3, W-4"):
        office.order("renegotiate", 3, {"promise": "agreed", "due_at": "2026-12-01T12:00:00Z", "reason": "x"})


def test_words_go_to_the_mail_and_to_the_page_and_name_their_event(office):
    office.order("decline", 1, {"reason": "not the city's", "where_to_go": "the county"})
    declined = last(office, "concern.declined.v1")

    assert [each.type for each in office.words] == ["word.given.v1", "word.recorded.v1"]
    for each in office.words:
        assert (each.data.cause_id, each.data.cause_sequence) == (declined.id, declined.sequence)
        assert (each.causationid, each.sequence) == (declined.id, declined.sequence)
        assert (each.data.words, each.data.where_to_go) == ("not the city's", "the county")


def test_silence_is_noticed_once_and_ended_by_a_word(office):
    office.order("acknowledge")
    office.order("reassign", 2, {"team": "works"})
    look(office, AT + 13 * DAY)
    assert "concern.fell_silent.v1" not in [each.type for each in office.bus.published]

    look(office, AT + 20 * DAY)
    look(office, AT + 21 * DAY)

    silent = [each for each in office.bus.published if each.type == "concern.fell_silent.v1"]
    assert sorted((each.partitionkey, each.time, each.data.last_word_at) for each in silent) == [
        ("t", AT + 14 * DAY, AT),
        ("w", AT + 14 * DAY, AT),
    ]
    assert {task[:2] for task in tasks(office)} == {
        ("T", "triage"),
        ("T", "silent"),
        ("W", "promise_missed"),
        ("W", "silent"),
    }
    office.order("update", 3, {"message": "sorry"})
    assert ("W", "silent") not in {task[:2] for task in tasks(office)}
    look(office, AT + 36 * DAY)
    again = [each.partitionkey for each in office.bus.published if each.type == "concern.fell_silent.v1"]
    assert again.count("w") == 2


def test_who_passes_a_case_on_has_not_spoken(office):
    look(office, AT + 20 * DAY)
    office.order("reassign", 1, {"team": "works"})
    assert ("W", "silent") in {task[:2] for task in tasks(office)}


def test_an_ended_case_is_not_silent(office):
    office.order("resolve", 1, {"reason": "done"})
    office.order("decline", 1, {"reason": "x", "where_to_go": "y"}, "T")
    look(office, AT + 30 * DAY)
    assert tasks(office) == []
    assert "concern.fell_silent.v1" not in [each.type for each in office.bus.published]


def objection(concern="w"):
    said = ObjectionGiven(concern_id=concern, resolution=4, reason=REASON, given_at=AT)
    return new_event(said, sequence=9, time=AT)


def withdrawal(concern="w"):
    about = {"category": "noise", "area": "west", "team": None, "channel": "web"}
    return new_event(ConcernWithdrawn(concern_id=concern, **about, withdrawn_at=AT), sequence=9, time=AT)


def test_a_resident_s_objection_opens_the_case_again(office):
    office.order("resolve", 1, {"reason": "done"})
    event = objection()
    office.bus.deliver(event)
    office.bus.deliver(event)
    office.bus.deliver(objection())

    case = office.client.show("W", OPERATOR)[1]
    assert (case["state"], case["version"]) == ("reopened", 3)
    assert (case["history"][-1]["actor"], case["history"][-1]["reason"]) == ("resident", REASON)
    assert office.told[-2:] == [
        ("concern.reopened.v1", 6),
        ("promise.made.v1", 7, "acknowledgement", "response"),
    ]
    made = last(office, "promise.made.v1").data
    assert [(each.promise_id, each.due_at) for each in made.promises] == [
        ("W-3", AT + HOUR),
        ("W-4", AT + 24 * HOUR),
    ]
    assert (made.origin, made.made_at) == ("rules", AT)
    reopened = last(office, "concern.reopened.v1")
    assert (reopened.data.initiator, reopened.causationid) == ("resident", event.id)
    assert [each.data.word for each in office.words] == ["resolve"] * 2
    kept = office.bus.database.store.history("W")[-1]
    assert REASON not in str(kept)
    assert office.bus.parked == office.bus.waiting == []


def test_an_objection_whose_key_is_gone_is_still_a_reopening(office):
    office.order("resolve", 1, {"reason": "done"})
    office.bus.deliver(objection())
    office.client = Client(office, lambda: office.now)
    assert office.client.show("W", OPERATOR)[1]["history"][-1]["reason"] is None


def test_a_withdrawn_concern_ends_and_its_promises_are_void(office):
    office.bus.deliver(withdrawal())
    office.bus.deliver(withdrawal())

    assert office.told == []
    assert office.client.show("W", OPERATOR)[1]["state"] == "withdrawn"
    assert promises(office) == {"W-1": "void", "W-2": "void"}
    look(office, AT + 30 * DAY)
    assert all(task[0] == "T" for task in tasks(office))
    office.order("close", 2)


def test_a_withdrawal_that_overtakes_its_concern_waits_for_it(office):
    office.bus.deliver(withdrawal("late"))
    assert [each.partition_key for each in office.bus.waiting] == ["late"]


def test_a_promise_missed_before_the_withdrawal_stays_missed(office):
    office.now = AT + 2 * HOUR
    office.bus.deliver(withdrawal())
    assert office.told == [("promise.missed.v1", 3, "acknowledgement")]
    assert promises(office) == {"W-1": "missed", "W-2": "void"}


def past(concern, *, promised=None, closed=None, at=EAST):
    """A concern of ninety days ago that is taken in now; days since then say what became of it."""
    then = AT - 90 * DAY
    days = {"promised_by": promised, "closed_at": closed}
    values = {name: then + number * DAY for name, number in days.items() if number is not None}
    return replace(submitted(concern, at, received_at=then, **values), time=then, recorded=AT)


def told(office, concern):
    return [
        (each.type, each.sequence, (each.time - AT + 90 * DAY).days, each.recorded)
        for each in office.bus.published
        if each.partitionkey == concern
    ]


def test_a_past_is_told_with_its_own_times(office):
    office.bus.deliver(past("p", promised=10, closed=4), submitted("q", OUTSIDE))
    assert told(office, "p") == [
        ("concern.routed.v1", 1, 0, AT),
        ("promise.made.v1", 2, 0, AT),
        ("concern.resolved.v1", 3, 4, AT),
        ("promise.kept.v1", 4, 4, AT),
    ]
    look(office, AT + DAY)
    assert len(told(office, "p")) == 4


def test_a_past_that_was_closed_late_had_missed_its_promise(office):
    office.bus.deliver(past("p", promised=10, closed=30))
    assert told(office, "p")[2:] == [("promise.missed.v1", 3, 10, AT), ("concern.resolved.v1", 4, 30, AT)]


def test_a_past_that_is_open_is_watched_like_any_case(office):
    office.bus.deliver(past("p", promised=10))
    look(office, AT + MINUTE)
    found = {kind: (days, recorded) for kind, _, days, recorded in told(office, "p")[2:]}
    assert found == {
        "promise.missed.v1": (10, AT + MINUTE),
        "concern.fell_silent.v1": (14, AT + MINUTE),
    }


@pytest.mark.parametrize(("closed", "state"), [(4, "kept"), (10, "kept"), (11, "missed")])
def test_a_past_that_no_rule_can_route_is_closed_as_the_city_closed_it(office, closed, state):
    """Events about a promise name its team, so there is none about this one."""
    office.bus.deliver(past("p", promised=10, closed=closed, at=OUTSIDE))
    assert told(office, "p") == [("concern.unroutable.v1", 1, 0, AT), ("concern.closed.v1", 2, closed, AT)]
    assert last(office, "concern.closed.v1").data.after == "resolved"
    case = office.bus.database.store.lock_by_concern("p")
    [promise] = office.bus.database.store.promises(case.case_id)
    assert (case.state, promise.state, promise.done_at) == ("closed", state, case_time(closed))
    assert tasks(office) == [("T", "triage", "outside", None)], "only that of another case"
    look(office, AT + 30 * DAY)
    assert not [each for each in told(office, "p") if each[0].startswith(("promise", "concern.fell"))]


def test_a_past_that_is_open_and_that_no_rule_can_route_waits_for_a_person(office):
    office.bus.deliver(past("p", promised=10, at=OUTSIDE))
    case = office.bus.database.store.lock_by_concern("p")
    assert (case.state, office.bus.database.store.promises(case.case_id)) == ("triage", [])
    assert (case.case_id, "triage", "outside", None) in tasks(office)


@pytest.mark.parametrize(("closed", "promise"), [(10, "kept"), (0, "kept"), (11, "missed")])
def test_a_closing_keeps_its_time_however_late_the_import_reaches_routing(office, closed, promise):
    """Five days pass between the import and its arrival."""
    event = past("p", promised=10, closed=closed)
    office.bus.deliver(replace(event, recorded=event.recorded - 5 * DAY))
    resolved = last(office, "concern.resolved.v1")
    assert resolved.time == resolved.data.resolved_at == case_time(closed)
    assert last(office, "concern.routed.v1").time == case_time(min(closed, 5))
    assert last(office, f"promise.{promise}.v1").data.due_at == case_time(10)


def case_time(days):
    """That many days after the past concern came to the city."""
    return AT - 90 * DAY + days * DAY


def test_what_was_done_in_the_past_is_in_the_history_without_words_to_the_reporter(office):
    office.bus.deliver(past("p", promised=10, closed=4))
    case = office.bus.database.store.lock_by_concern("p")
    (entry,) = office.bus.database.store.history(case.case_id)
    assert (entry.command, entry.actor, entry.at, case.state) == ("resolve", "history", AT - 86 * DAY, "resolved")
    assert not [each for each in office.bus.published if each.type.startswith("word.")]


def test_no_resident_s_words_are_told(office):
    office.order("resolve", 1, {"reason": "done"})
    office.bus.deliver(objection())
    look(office, AT + 30 * DAY)
    for row in office.bus.database.tables.outbox.values():
        assert REASON not in row.body.decode()
        assert WORDS not in row.body.decode()
