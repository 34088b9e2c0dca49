"""What becomes of a concern: pure rules, no set-up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from routing_concerns import AT, CITY, HOUR, said, with_team_names

from concord_city import Located
from concord_contracts.messages import ConcernRouted, ConcernUnroutable
from concord_routing.domain.case import OUTCOMES, ROUTED, TRIAGE, Task
from concord_routing.domain.case_opening import happened_at, open_case, task_for
from concord_routing.domain.events import opening_event

NOW = AT + timedelta(seconds=2)
WEST = Located("west")
PLACEHOLDER = Located(None, reason="placeholder")


def opened(located=WEST, **values):
    return open_case(CITY, said(**values), located, "sealed", "CASE", NOW)


def test_the_first_rule_that_matches_gives_team_and_promises():
    case = opened()

    assert (case.state, case.outcome, case.area, case.team, case.reason) == (
        ROUTED,
        ROUTED,
        "west",
        "patrol-west",
        None,
    )
    assert (case.acknowledge_by, case.respond_by) == (AT + HOUR, AT + 24 * HOUR)
    assert (case.received_at, case.decided_at) == (AT, NOW)
    assert (case.case_id, case.concern_id, case.submission, case.sequence) == ("CASE", "c1", "sealed", 2)
    assert task_for(case) is None


def test_promises_count_from_when_it_was_received_not_from_when_it_is_decided():
    friday = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)

    case = opened(category="graffiti", received_at=friday, occurred_at=AT - timedelta(days=90))

    # Four working hours after Friday 16:00 in Boston: one that day, three on Monday from 9:00.
    assert case.acknowledge_by == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_a_place_by_the_border_is_assigned_and_marked():
    case = opened(Located("east", border=True))

    assert (case.state, case.area, case.border) == (ROUTED, "east", True)
    told = opening_event(case, CITY)
    assert isinstance(told, ConcernRouted)
    assert told.border
    assert task_for(case) is None


@pytest.mark.parametrize(
    ("located", "category", "reason"),
    [
        (PLACEHOLDER, "noise", "placeholder"),
        (Located(None, reason="outside"), "noise", "outside"),
        (Located(None, reason="no_location"), "noise", "no_location"),
        (WEST, "snow", "no_rule"),
        (WEST, "unicorns", "unknown_category"),
    ],
)
def test_what_no_rule_decides_is_a_person_s_task(located, category, reason):
    case = opened(located, category=category)

    assert (case.state, case.outcome, case.reason) == (TRIAGE, reason, reason)
    assert reason in OUTCOMES
    assert (case.team, case.acknowledge_by, case.respond_by) == (None, None, None)
    assert task_for(case) == Task("CASE", reason, NOW)
    assert opening_event(case, CITY) == ConcernUnroutable(
        concern_id="c1",
        case_id="CASE",
        category=category,
        channel="web",
        reason=reason,
        received_at=AT,
        decided_at=NOW,
    )


@pytest.mark.parametrize("reason", ["placeholder", "outside", "no_location"])
def test_a_missing_place_comes_before_an_unknown_category(reason):
    """Who triages must find the place first; the category is then seen anyway."""
    assert opened(Located(None, reason=reason), category="unicorns").reason == reason


def test_triage_keeps_the_area_when_only_the_rule_is_missing():
    case = opened(WEST, category="snow")

    assert case.area == "west"
    assert opened(PLACEHOLDER).area is None


def test_the_announcement_of_a_routed_case():
    assert opening_event(opened(), CITY) == ConcernRouted(
        concern_id="c1",
        case_id="CASE",
        category="noise",
        area="west",
        team="patrol-west",
        team_name="Patrol West",
        channel="web",
        border=False,
        received_at=AT,
        routed_at=NOW,
        acknowledge_by=AT + HOUR,
        respond_by=AT + 24 * HOUR,
    )


def test_a_team_s_name_is_cut_to_what_its_event_holds():
    told = opening_event(opened(), with_team_names("x" * 300))

    assert isinstance(told, ConcernRouted)
    assert told.team_name == "x" * 200


def test_rules_look_at_when_it_happened():
    assert happened_at(said(occurred_at=None)) == AT
    assert happened_at(said(occurred_at=AT - HOUR)) == AT - HOUR


@pytest.mark.parametrize("nonsense", [datetime.min.replace(tzinfo=UTC), datetime(1899, 12, 31, tzinfo=UTC)])
def test_a_time_that_stands_for_none_is_passed_over(nonsense):
    assert happened_at(said(occurred_at=nonsense)) == AT
    assert opened(occurred_at=nonsense).status == ROUTED


def test_a_case_says_nothing_of_what_it_was_made_from():
    """Only the encrypted submission is kept of the words and the exact place."""
    one = opened(description="first words", address="1 Main Street")
    other = opened(description="other words", address=None)

    assert one == other == replace(one, submission="sealed")
