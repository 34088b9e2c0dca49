"""What an order comes to: the case afterwards, the entry, and what everybody is told."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, HOUR, said

from concord_city import Located
from concord_contracts import messages as m
from concord_routing.domain import commands
from concord_routing.domain.case import ROUTED, TRIAGE
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.history import HistoryEntry, opening_entry
from concord_routing.domain.promise import renewed_times

LATER = AT + timedelta(days=3)
SECRET = "the tyres are gone, says Alex Example"


WEST = Located("west")


def opened_case(located=WEST, **values):
    return open_case(CITY, said(**values), located, "sealed", "CASE", AT)


ROUTED_CASE = opened_case()
TRIAGE_CASE = opened_case(Located(None, reason="outside"))
UNRULED_CASE = opened_case(category="snow")


def done(order, case=ROUTED_CASE):
    return apply_command(case, order, CITY, "operator", LATER)


def test_an_order_makes_one_entry_and_one_event():
    result = done(commands.Resolve(SECRET))

    heard = {"last_word_at": LATER, "silent_at": None}
    assert result.case == replace(ROUTED_CASE, state="resolved", version=2, sequence=3, **heard)
    assert result.entry == HistoryEntry("CASE", 2, LATER, "operator", "resolve", "routed", "resolved", reason=SECRET)
    assert result.event == m.ConcernResolved(
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
        (commands.Acknowledge(), "acknowledged", m.ConcernAcknowledged),
        (commands.Update(SECRET), "in_progress", m.ConcernUpdated),
        (commands.Update(SECRET, True), "waiting_for_resident", m.ConcernUpdated),
        (commands.Refer(SECRET, SECRET), "referred", m.ConcernReferred),
        (commands.Decline(SECRET, SECRET), "declined", m.ConcernDeclined),
        (commands.Reassign("works"), "routed", m.ConcernReassigned),
    ],
)
def test_events_say_what_was_done_but_not_in_whose_words(order, state, message):
    result = done(order)

    assert (result.case.state, type(result.event)) == (state, message)
    assert SECRET not in str(result.event)
    kept = {name: value for name, value in asdict(order).items() if value == SECRET}
    assert list(asdict(result.entry).values()).count(SECRET) == len(kept)


def test_who_waits_for_the_resident_says_so():
    assert done(commands.Update("which door is it?", True)).event.waiting
    assert not done(commands.Update("we are on our way")).event.waiting


def test_another_team_gets_the_case_with_its_promises():
    result = done(commands.Reassign("works"))

    assert (result.case.team, result.case.area) == ("works", "west")
    assert (result.case.acknowledge_by, result.case.respond_by) == (AT + HOUR, AT + 24 * HOUR)
    assert (result.event.from_team, result.event.team, result.event.team_name) == (
        "patrol-west",
        "works",
        "Public Works",
    )
    assert (result.entry.from_team, result.entry.team) == ("patrol-west", "works")


def test_the_first_team_of_a_case_in_triage_promises_what_its_rule_does():
    result = done(commands.Reassign("patrol-east"), TRIAGE_CASE)

    assert (result.case.state, result.case.team, result.case.area) == ("routed", "patrol-east", None)
    assert (result.case.acknowledge_by, result.case.respond_by) == (LATER + HOUR, LATER + 24 * HOUR)
    assert (result.event.from_team, result.event.area) == (None, None)
    assert result.event.respond_by == result.case.respond_by


def test_where_no_rule_fits_nothing_is_promised():
    result = done(commands.Reassign("works"), UNRULED_CASE)

    assert (result.case.state, result.case.area) == ("routed", "west")
    assert result.case.acknowledge_by is result.case.respond_by is result.event.respond_by is None
    assert renewed_times(CITY, UNRULED_CASE, None, LATER) is None


@pytest.mark.parametrize(("team", "says"), [("patrol-north", "patrol-west"), ("patrol-west", "already"), ("", "use")])
def test_a_team_must_be_another_one_of_the_city(team, says):
    with pytest.raises(InvalidCommand, match=says) as wrong:
        done(commands.Reassign(team))
    assert wrong.value.field == "team"


def test_a_case_that_is_reopened_gets_new_promises():
    closed = apply_command(done(commands.Resolve("done")).case, commands.Close(), CITY, "operator", LATER)
    assert (closed.event.after, closed.case.state) == ("resolved", "closed")

    result = done(commands.Reopen("resident", "it is back"), closed.case)

    assert (result.case.state, result.case.sequence) == ("reopened", 6)
    assert (result.case.acknowledge_by, result.case.respond_by) == (LATER + HOUR, LATER + 24 * HOUR)
    assert (result.event.initiator, result.event.respond_by) == ("resident", LATER + 24 * HOUR)
    assert result.entry.reason == "it is back"


def test_a_case_declined_in_triage_goes_back_to_triage():
    declined = done(commands.Decline("not ours", "ask the county"), TRIAGE_CASE)
    assert (declined.event.team, declined.case.state) == (None, "declined")

    again = done(commands.Reopen(), declined.case)

    assert (again.case.state, again.case.team, again.event.respond_by) == (TRIAGE, None, None)


def test_the_history_begins_with_the_opening():
    first = done(commands.Reassign("works"))
    second = done(commands.Reassign("patrol-east"), first.case)

    beginning = opening_entry(second.case, [first.entry, second.entry])

    assert beginning == HistoryEntry("CASE", 1, AT, "rules", "open", "received", ROUTED, team="patrol-west")
    assert opening_entry(ROUTED_CASE, []) == beginning
    assert (opening_entry(TRIAGE_CASE, []).after, opening_entry(TRIAGE_CASE, []).team) == (TRIAGE, None)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: commands.Resolve(" \n"), "reason"),
        (lambda: commands.Resolve("x" * 2001), "reason"),
        (lambda: commands.Update(""), "message"),
        (lambda: commands.Update("x" * 2001), "message"),
        (lambda: commands.Refer("why", ""), "to"),
        (lambda: commands.Refer("why", "x" * 201), "to"),
        (lambda: commands.Decline("", "there"), "reason"),
        (lambda: commands.Decline("why", " "), "where_to_go"),
        (lambda: commands.Decline("why", "x" * 501), "where_to_go"),
        (lambda: commands.Reopen("mayor"), "initiator"),
        (lambda: commands.Reopen(reason=""), "reason"),
    ],
)
def test_an_order_beyond_its_limits_cannot_be_made(make, field):
    with pytest.raises(InvalidCommand) as wrong:
        make()
    assert wrong.value.field == field
    assert "x" * 20 not in str(wrong.value)


def test_the_limits_themselves_are_allowed():
    assert len(commands.Resolve("x" * 2000).reason) == 2000
    assert commands.Decline("x", "y" * 500)
    assert commands.Refer("x", "y" * 200)
