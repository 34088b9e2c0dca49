"""What an order comes to: the case afterwards, the entry, and what everybody is told."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, HOUR, said

from concord_city import Located
from concord_contracts import messages as m
from concord_routing.domain import commands as o
from concord_routing.domain.case import ROUTED, TRIAGE
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import perform
from concord_routing.domain.history import Entry, opened
from concord_routing.domain.renewal import renewed

LATER = AT + timedelta(days=3)
SECRET = "the tyres are gone, says Alex Example"


WEST = Located("west")


def opened_case(located=WEST, **values):
    return open_case(CITY, said(**values), located, "sealed", "CASE", AT)


ROUTED_CASE = opened_case()
TRIAGE_CASE = opened_case(Located(None, reason="outside"))
UNRULED_CASE = opened_case(category="snow")


def done(order, case=ROUTED_CASE):
    return perform(case, order, CITY, "operator", LATER)


def test_an_order_makes_one_entry_and_one_event():
    result = done(o.Resolve(SECRET))

    heard = {"last_word_at": LATER, "silent_at": None}
    assert result.case == replace(ROUTED_CASE, state="resolved", version=2, sequence=3, **heard)
    assert result.entry == Entry("CASE", 2, LATER, "operator", "resolve", "routed", "resolved", reason=SECRET)
    assert result.told == m.ConcernResolved(
        concern_id="c1",
        case_id="CASE",
        category="noise",
        area="west",
        team="patrol-west",
        channel="web",
        received_at=AT,
        resolved_at=LATER,
    )


@pytest.mark.parametrize(
    ("order", "state", "message"),
    [
        (o.Acknowledge(), "acknowledged", m.ConcernAcknowledged),
        (o.Update(SECRET), "in_progress", m.ConcernUpdated),
        (o.Update(SECRET, True), "waiting_for_resident", m.ConcernUpdated),
        (o.Refer(SECRET, SECRET), "referred", m.ConcernReferred),
        (o.Decline(SECRET, SECRET), "declined", m.ConcernDeclined),
        (o.Reassign("works"), "routed", m.ConcernReassigned),
    ],
)
def test_events_say_what_was_done_but_not_in_whose_words(order, state, message):
    result = done(order)

    assert (result.case.state, type(result.told)) == (state, message)
    assert SECRET not in str(result.told)
    kept = {name: value for name, value in asdict(order).items() if value == SECRET}
    assert list(asdict(result.entry).values()).count(SECRET) == len(kept)


def test_who_waits_for_the_resident_says_so():
    assert done(o.Update("which door is it?", True)).told.waiting
    assert not done(o.Update("we are on our way")).told.waiting


def test_another_team_gets_the_case_with_its_promises():
    result = done(o.Reassign("works"))

    assert (result.case.team, result.case.area) == ("works", "west")
    assert (result.case.acknowledge_by, result.case.respond_by) == (AT + HOUR, AT + 24 * HOUR)
    assert (result.told.from_team, result.told.team, result.told.team_name) == ("patrol-west", "works", "Public Works")
    assert (result.entry.from_team, result.entry.team) == ("patrol-west", "works")


def test_the_first_team_of_a_case_in_triage_promises_what_its_rule_does():
    result = done(o.Reassign("patrol-east"), TRIAGE_CASE)

    assert (result.case.state, result.case.team, result.case.area) == ("routed", "patrol-east", None)
    assert (result.case.acknowledge_by, result.case.respond_by) == (LATER + HOUR, LATER + 24 * HOUR)
    assert (result.told.from_team, result.told.area) == (None, None)
    assert result.told.respond_by == result.case.respond_by


def test_where_no_rule_fits_nothing_is_promised():
    result = done(o.Reassign("works"), UNRULED_CASE)

    assert (result.case.state, result.case.area) == ("routed", "west")
    assert result.case.acknowledge_by is result.case.respond_by is result.told.respond_by is None
    assert renewed(CITY, UNRULED_CASE, None, LATER) is None


@pytest.mark.parametrize(("team", "says"), [("patrol-north", "patrol-west"), ("patrol-west", "already"), ("", "use")])
def test_a_team_must_be_another_one_of_the_city(team, says):
    with pytest.raises(o.BadOrder, match=says) as wrong:
        done(o.Reassign(team))
    assert wrong.value.field == "team"


def test_a_case_that_is_reopened_gets_new_promises():
    closed = perform(done(o.Resolve("done")).case, o.Close(), CITY, "operator", LATER)
    assert (closed.told.after, closed.case.state) == ("resolved", "closed")

    result = done(o.Reopen("resident", "it is back"), closed.case)

    assert (result.case.state, result.case.sequence) == ("reopened", 6)
    assert (result.case.acknowledge_by, result.case.respond_by) == (LATER + HOUR, LATER + 24 * HOUR)
    assert (result.told.initiator, result.told.respond_by) == ("resident", LATER + 24 * HOUR)
    assert result.entry.reason == "it is back"


def test_a_case_declined_in_triage_goes_back_to_triage():
    declined = done(o.Decline("not ours", "ask the county"), TRIAGE_CASE)
    assert (declined.told.team, declined.case.state) == (None, "declined")

    again = done(o.Reopen(), declined.case)

    assert (again.case.state, again.case.team, again.told.respond_by) == (TRIAGE, None, None)


def test_the_history_begins_with_the_opening():
    first = done(o.Reassign("works"))
    second = done(o.Reassign("patrol-east"), first.case)

    beginning = opened(second.case, [first.entry, second.entry])

    assert beginning == Entry("CASE", 1, AT, "rules", "open", "received", ROUTED, team="patrol-west")
    assert opened(ROUTED_CASE, []) == beginning
    assert (opened(TRIAGE_CASE, []).after, opened(TRIAGE_CASE, []).team) == (TRIAGE, None)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: o.Resolve(" \n"), "reason"),
        (lambda: o.Resolve("x" * 2001), "reason"),
        (lambda: o.Update(""), "message"),
        (lambda: o.Update("x" * 2001), "message"),
        (lambda: o.Refer("why", ""), "to"),
        (lambda: o.Refer("why", "x" * 201), "to"),
        (lambda: o.Decline("", "there"), "reason"),
        (lambda: o.Decline("why", " "), "where_to_go"),
        (lambda: o.Decline("why", "x" * 501), "where_to_go"),
        (lambda: o.Reopen("mayor"), "initiator"),
        (lambda: o.Reopen(reason=""), "reason"),
    ],
)
def test_an_order_beyond_its_limits_cannot_be_made(make, field):
    with pytest.raises(o.BadOrder) as wrong:
        make()
    assert wrong.value.field == field
    assert "x" * 20 not in str(wrong.value)


def test_the_limits_themselves_are_allowed():
    assert len(o.Resolve("x" * 2000).reason) == 2000
    assert o.Decline("x", "y" * 500)
    assert o.Refer("x", "y" * 200)
