"""An open case whose team or area is no longer in the city: who has it next, or who has to choose."""

from dataclasses import replace

import pytest
from routing_concerns import AT, CITY, HOUR, category, said

from concord_city import Located
from concord_routing.domain.case import REFERRED, REOPENED, RULES, WAITING, Case, Task
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.commands import HandOver, Relocate
from concord_routing.domain.handover import handover
from concord_routing.domain.history import opening_entry
from concord_routing.domain.promise import first_promises

CASE = open_case(CITY, said(), Located("west"), "sealed", "CASE", AT)
"""In the area `west`, with `patrol-west`."""
NORTH = replace(
    CITY,
    areas={"north": replace(CITY.areas["west"], code="north"), "east": CITY.areas["east"]},
    teams={code: team for code, team in CITY.teams.items() if code != "patrol-west"}
    | {"patrol-north": replace(CITY.teams["patrol-west"], code="patrol-north")},
)
"""The area `west` is called `north`, and has another team."""
NO_RULES = replace(NORTH, rules=(), categories={"graffiti": category("graffiti")})


def step(city, located, case=CASE, *, chosen_by_officer=False):
    return handover(case, located, city, AT, AT, chosen_by_officer=chosen_by_officer)


def test_the_case_goes_to_the_team_of_the_changed_rules():
    assert step(NORTH, Located("north")) == HandOver("patrol-north", "north")


def test_a_case_whose_team_takes_it_again_changes_its_area_only():
    case = replace(CASE, team="patrol-east", area="gone")
    assert step(NORTH, Located("east"), case) == Relocate("east")


@pytest.mark.parametrize(("chosen", "result"), [(True, Relocate("north")), (False, HandOver("patrol-north", "north"))])
def test_a_team_that_an_officer_chose_keeps_the_case_while_it_exists(chosen, result):
    case = replace(CASE, team="works")
    assert step(NORTH, Located("north"), case, chosen_by_officer=chosen) == result


def test_a_chosen_team_that_is_gone_hands_over_as_any_other():
    assert step(NORTH, Located("north"), chosen_by_officer=True) == HandOver("patrol-north", "north")


def test_without_a_rule_a_team_that_exists_keeps_the_case():
    case = replace(CASE, team="works")
    assert step(NORTH, Located(None, reason="outside"), case) == Relocate(None)


@pytest.mark.parametrize(
    ("city", "located", "reason"),
    [
        (NORTH, Located(None, reason="outside"), "outside"),
        (NORTH, Located(None, reason="no_location"), "no_location"),
        (NO_RULES, Located("north"), "unknown_category"),
    ],
)
def test_without_a_rule_and_a_team_a_person_has_to_choose(city, located, reason):
    assert step(city, located) == Task("CASE", reason, AT)


@pytest.mark.parametrize(("state", "after"), [(WAITING, "routed"), (REOPENED, REOPENED), (REFERRED, REFERRED)])
def test_the_effect_of_a_handover(state, after):
    case = replace(CASE, state=state)
    promises = first_promises(case, CITY)
    result = apply_command(case, HandOver("patrol-north", "north"), NORTH, RULES, AT + HOUR, promises)
    assert (result.case.team, result.case.area, result.case.state) == ("patrol-north", "north", after)
    assert (result.case.acknowledge_by, result.case.respond_by) == (CASE.acknowledge_by, CASE.respond_by)
    assert result.promises == ()
    entry = result.entry
    assert (entry.actor, entry.command, entry.from_team, entry.team) == (
        "rules",
        "hand_over",
        "patrol-west",
        "patrol-north",
    )
    [event] = [pending.data for pending in result.events]
    assert (event.team, event.team_name, event.from_team, event.area) == (
        "patrol-north", "Patrol West", "patrol-west", "north"
    )  # fmt: skip
    assert event.reassigned_at == AT + HOUR


def test_a_new_area_alone_is_an_entry_in_the_history_and_no_event():
    case: Case = replace(CASE, area="gone")
    result = apply_command(case, Relocate("west"), CITY, RULES, AT + HOUR, first_promises(case, CITY))
    assert (result.case.area, result.case.team, result.case.state) == ("west", CASE.team, CASE.state)
    assert (result.case.version, result.case.sequence) == (case.version + 1, case.sequence)
    assert result.events == ()
    assert (result.entry.command, result.entry.team, result.entry.from_team) == ("relocate", None, None)
    assert opening_entry(result.case, [result.entry]).team == CASE.team
