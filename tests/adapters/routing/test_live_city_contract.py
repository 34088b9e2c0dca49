"""What every store promises about a changed city: in memory, on SQLite, on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, EAST, OUTSIDE, WEST, said

from concord_city import Locator
from concord_routing.domain.case import CLOSED, REFERRED, RULES, Task
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.commands import Relocate

LOCATOR = Locator(CITY)
TEAMS, AREAS = list(CITY.teams), list(CITY.areas)


def case(concern, at=WEST, **values):
    opened = open_case(CITY, said(concern), LOCATOR.locate_all([at])[0], "sealed", f"CASE{concern}", AT)
    return replace(opened, **values)


@pytest.fixture
def filled(begin):
    with begin() as store:
        store.add_cases([case("a"), case("b", EAST), case("t", OUTSIDE), case("c", state=CLOSED)])
    return begin


def stranded(begin, teams, areas, limit=10):
    with begin() as store:
        found = store.stranded_cases(teams, areas, limit)
        number = store.count_stranded_cases(teams, areas)
    return [each.concern_id for each in found], number


def test_with_all_teams_and_areas_nothing_is_stranded(filled):
    assert stranded(filled, TEAMS, AREAS) == ([], 0)


@pytest.mark.parametrize(
    ("teams", "areas", "concerns"),
    [
        (["works", "patrol-east"], AREAS, ["a"]),
        (TEAMS, ["west"], ["b"]),
        ([], [], ["a", "b"]),
    ],
)
def test_open_cases_of_a_gone_team_or_area_are_stranded(filled, teams, areas, concerns):
    assert stranded(filled, teams, areas) == (concerns, len(concerns))


def test_the_oldest_come_first_and_no_more_than_wanted(filled):
    assert stranded(filled, [], [], 1) == (["a"], 2)


def test_a_case_without_an_area_but_with_a_team_is_not_stranded(begin):
    with begin() as store:
        store.add_cases([case("o", OUTSIDE, state=REFERRED, team="works", reason=None)])
    assert stranded(begin, TEAMS, AREAS) == ([], 0)
    assert stranded(begin, [], AREAS) == (["o"], 1)


def test_a_case_for_which_a_person_has_to_choose_is_left_out_until_that_is_done(filled):
    with filled() as store:
        store.add_tasks([Task("CASEa", "outside", AT)])
    assert stranded(filled, [], []) == (["b"], 1)
    with filled() as store:
        store.set_task("CASEa", is_open=False)
    assert stranded(filled, [], []) == (["a", "b"], 2)


def test_the_whole_case_comes_back_and_its_new_area_is_kept(filled):
    with filled() as store:
        [before] = store.stranded_cases(TEAMS, ["west"], 10)
        assert before == case("b", EAST)
        result = apply_command(before, Relocate("west"), CITY, RULES, AT, [])
        assert store.save(result.case, result.entry)
    with filled() as store:
        assert (store.case("CASEb").area, store.case("CASEb").team) == ("west", "patrol-east")
    assert stranded(filled, TEAMS, ["west"]) == ([], 0)


def test_the_live_city_is_set_and_the_one_before_returned(begin):
    later = AT + timedelta(days=1)
    found = []
    for digest, at in (("a", AT), ("a", later), ("b", later), ("b", later), ("a", later)):
        with begin() as store:
            found.append(store.set_live_city(digest, at))
    assert found == [None, "a", "a", "b", "b"]
