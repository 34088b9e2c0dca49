"""What becomes of a promise: pure rules on times."""

from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, HOUR, said
from tests.memory.routing import with_state

from concord_city import Located
from concord_routing.domain import promise as p
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.events import opening_event
from concord_routing.domain.promise import first_promises, historical_promises
from concord_routing.domain.workflow import COMMAND_SPECS

MINUTE = timedelta(minutes=1)
DUE = AT + 4 * HOUR
AT_RISK = AT + 3 * HOUR
GIVEN = p.Promise("CASE", 2, p.RESPONSE, p.BY_RULES, AT, DUE, AT_RISK, AT_RISK)


def after(promise, command, now, **options):
    """The promise after a command with these effects."""
    spec = COMMAND_SPECS[command]
    keeps = (*spec.keeps, p.AGREED) if options.get("agreed") else spec.keeps
    return p.after_command(promise, keeps, now, voids=spec.voids_promises)


def opened(now=AT, **values):
    return open_case(CITY, said(**values), Located("west"), "sealed", "CASE", now)


def test_two_promises_are_made_at_routing():
    acknowledgement, response = first_promises(opened(AT + MINUTE), CITY)

    assert (acknowledgement.promise_id, response.promise_id) == ("CASE-1", "CASE-2")
    assert (acknowledgement.kind, response.kind) == ("acknowledgement", "response")
    assert (acknowledgement.due_at, response.due_at) == (AT + HOUR, AT + 24 * HOUR)
    assert acknowledgement.at_risk_at == acknowledgement.wake_at == AT + 45 * MINUTE
    assert (response.at_risk_at, response.made_at, response.origin) == (AT + 18 * HOUR, AT + MINUTE, "rules")


@pytest.mark.parametrize(("decided", "made"), [(AT + HOUR, AT + HOUR), (AT + 2 * HOUR, AT), (AT + 25 * HOUR, AT)])
def test_both_were_made_at_reception_when_one_was_due_before_it_was_decided(decided, made):
    assert {each.made_at for each in first_promises(opened(decided), CITY)} == {made}


def test_a_case_in_triage_is_promised_nothing():
    assert first_promises(opened(category="snow"), CITY) == ()


def past(**values):
    return open_case(CITY, said(**values), Located("west"), "sealed", "CASE", AT + MINUTE, past=True)


def test_of_a_past_only_the_city_s_own_target_is_a_promise():
    target = AT + 9 * HOUR
    case = past(promised_by=target)

    (response,) = historical_promises(case, CITY, target)

    assert case.respond_by == opening_event(case, CITY).respond_by == target
    assert (response.promise_id, response.kind, response.origin) == ("CASE-1", "response", "history")
    assert (response.made_at, response.due_at, response.wake_at) == (AT + MINUTE, target, response.at_risk_at)
    assert case.sequence == 2


def test_a_past_without_a_target_was_promised_nothing():
    case = past()
    assert historical_promises(case, CITY, None) == ()
    assert case.sequence == 1


def test_a_past_that_nobody_could_route_was_promised_nothing():
    assert historical_promises(past(category="snow", promised_by=AT + HOUR), CITY, AT + HOUR) == ()


def test_a_target_before_the_concern_itself_is_at_risk_when_it_is_due():
    (response,) = historical_promises(past(promised_by=AT - HOUR), CITY, AT - HOUR)
    assert response.at_risk_at == response.due_at == AT - HOUR
    assert response.made_at == AT


def test_what_a_timer_makes_of_it():
    assert p.due_state(DUE, AT_RISK + MINUTE) == p.due_state(DUE, DUE) == "at_risk"
    assert p.due_state(DUE, DUE + MINUTE) == "missed"
    risky = with_state(GIVEN, "at_risk")
    assert (risky.state, risky.at_risk, risky.wake_at, risky.outstanding) == ("open", True, DUE, False)
    late = with_state(risky, "missed")
    assert (late.state, late.at_risk, late.wake_at, late.outstanding) == ("missed", True, None, True)


@pytest.mark.parametrize("kind", p.PROMISES)
@pytest.mark.parametrize(
    "command", ["acknowledge", "update", "promise", "renegotiate", "refer", "resolve", "decline", "reassign", "close"]
)
def test_which_command_keeps_what(kind, command):
    words = {"acknowledge", "update", "promise", "refer", "resolve", "decline"}
    answers = {"refer", "resolve", "decline"}
    keeps = command in (words if kind == "acknowledgement" else answers)

    result = after(replace(GIVEN, kind=kind), command, DUE)

    assert result.state == ("kept" if keeps else "open")
    assert result.done_at == (DUE if keeps else None)


def test_done_late_it_is_missed_and_done():
    late = after(GIVEN, "resolve", DUE + MINUTE)
    assert (late.state, late.done_at, late.outstanding) == ("missed", DUE + MINUTE, False)
    noticed = after(with_state(GIVEN, "missed"), "resolve", DUE + HOUR)
    assert (noticed.state, noticed.done_at) == ("missed", DUE + HOUR)
    assert after(noticed, "resolve", DUE + 2 * HOUR) == noticed


def test_an_update_keeps_what_was_agreed_only_when_the_officer_says_so():
    by_hand = replace(GIVEN, kind=p.AGREED)
    assert after(by_hand, "update", DUE) == by_hand
    assert after(by_hand, "update", DUE, agreed=True).state == "kept"
    assert after(GIVEN, "update", DUE, agreed=True) == GIVEN


def test_a_withdrawal_voids_what_is_not_due_yet():
    assert after(GIVEN, "withdraw", DUE).state == "void"
    late = after(GIVEN, "withdraw", DUE + MINUTE)
    assert (late.state, late.outstanding) == ("missed", False)


def test_another_time_is_no_longer_at_risk():
    risky = with_state(GIVEN, "at_risk")
    _, moved = p.rescheduled([risky], "response", AT + 11 * HOUR, CITY, AT + 3 * HOUR)
    assert (moved.due_at, moved.at_risk, moved.wake_at) == (AT + 11 * HOUR, False, AT + 9 * HOUR)


def test_the_worst_of_what_is_not_done_stands_for_the_case():
    risky, missed = with_state(GIVEN, "at_risk"), with_state(GIVEN, "missed")
    done = after(missed, "resolve", DUE + HOUR)
    assert p.standing([]) is p.standing([GIVEN, done]) is None
    assert p.standing([risky, GIVEN]) == "at_risk"
    assert p.standing([risky, missed]) == "missed"
