"""Who takes a concern: the first rule that matches, read in local time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord_city import CHANNELS, Assignment, Located, Rule, Unroutable, WeekTimes, decide
from concord_city.adapters.time_windows import week_times
from concord_city.domain.rule_coverage import coverage
from concord_city.domain.rule_matching import matches, minute_of_week

from .twoside import FOUR_HOURS, TWO_DAYS, city, rule

ZONE = ZoneInfo("America/New_York")
WEST = Located("west")
NIGHT = week_times(["22:00-06:00"], None)
FRIDAY_NIGHT = week_times(["22:00-06:00"], [4])
SUNDAY_NIGHT = week_times(["22:00-06:00"], [6])


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=ZONE)  # type: ignore[arg-type,misc]


def team(rules: list[Rule], when: datetime, category: str = "noise", channel: str = "web") -> str | None:
    verdict = decide(city(rules=tuple(rules)), WEST, category, channel, when)
    return verdict.team if isinstance(verdict, Assignment) else None


@pytest.mark.parametrize(
    ("times", "when", "held"),
    [
        pytest.param(NIGHT, at(2026, 3, 4, 21, 59), False, id="a minute early"),
        pytest.param(NIGHT, at(2026, 3, 4, 22, 0), True, id="begins"),
        pytest.param(NIGHT, at(2026, 3, 5, 5, 59), True, id="past midnight"),
        pytest.param(NIGHT, at(2026, 3, 5, 6, 0), False, id="the end is not in it"),
        pytest.param(FRIDAY_NIGHT, at(2026, 3, 6, 23, 0), True, id="friday"),
        pytest.param(FRIDAY_NIGHT, at(2026, 3, 7, 3, 0), True, id="saturday morning belongs to friday night"),
        pytest.param(FRIDAY_NIGHT, at(2026, 3, 6, 3, 0), False, id="friday morning does not"),
        pytest.param(SUNDAY_NIGHT, at(2026, 3, 9, 3, 0), True, id="over the end of the week"),
        pytest.param(NIGHT, at(2026, 3, 8, 3, 30), True, id="the night of the change"),
    ],
)
def test_night_rules_wrap_midnight(times: WeekTimes, when: datetime, held: bool) -> None:
    assert team([rule("night", times=times), rule("day")], when) == ("night" if held else "day")


def test_rules_are_read_in_local_time() -> None:
    evening_in_boston = datetime(2026, 3, 5, 3, 30, tzinfo=UTC)
    assert team([rule("night", times=NIGHT)], evening_in_boston) == "night"


def test_the_team_may_carry_the_area() -> None:
    verdict = decide(city(rules=(rule("team-{area}"),)), WEST, "noise", "web", at(2026, 3, 4, 12))
    assert verdict == Assignment("team-west", 0)


@pytest.mark.parametrize(
    ("located", "category", "reason"),
    [
        (Located(None, reason="placeholder"), "noise", "placeholder"),
        (Located(None, reason="outside"), "noise", "outside"),
        (Located(None, reason="no_location"), "unheard-of", "no_location"),
        (WEST, "unheard-of", "unknown_category"),
        (Located("east"), "noise", "no_rule"),
    ],
)
def test_what_cannot_be_routed_says_why(located: Located, category: str, reason: str) -> None:
    only_west = city(rules=(rule(areas=frozenset({"west"})),))
    assert decide(only_west, located, category, "web", at(2026, 3, 4, 12)) == Unroutable(reason)  # type: ignore[arg-type]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(city(), WEST, "noise", "web", datetime(2026, 3, 4, 12))  # noqa: DTZ001


def some(codes: tuple[str, ...]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(st.sampled_from(codes), min_size=1)


clock = st.integers(0, 23).map(lambda hour: f"{hour:02d}:00")
ranges = st.tuples(clock, clock).filter(lambda pair: pair[0] != pair[1]).map("-".join)
times = st.none() | st.builds(
    week_times, st.lists(ranges, min_size=1, max_size=2), st.none() | st.lists(st.integers(0, 6), min_size=1)
)
rules = st.lists(
    st.builds(
        Rule,
        team=st.sampled_from(["red", "blue", "green"]),
        acknowledge=st.just(FOUR_HOURS),
        respond=st.just(TWO_DAYS),
        areas=some(("west", "east")),
        categories=some(("noise", "graffiti")),
        channels=some(("web", "phone")),
        times=times,
    ),
    max_size=5,
).map(tuple)
moments = st.integers(0, 7 * 24 - 1).map(lambda hour: at(2026, 6, 1) + timedelta(hours=hour))


@settings(max_examples=200, deadline=None)
@given(
    rules,
    st.sampled_from(["west", "east"]),
    st.sampled_from(["noise", "graffiti"]),
    st.sampled_from(CHANNELS),
    moments,
)
def test_first_match_wins(
    given_rules: tuple[Rule, ...], area: str, category: str, channel: str, when: datetime
) -> None:
    verdict = decide(city(rules=given_rules), Located(area), category, channel, when)
    minute = minute_of_week(when, ZONE)
    held = [matches(each, area, category, channel, minute) for each in given_rules]
    if isinstance(verdict, Assignment):
        assert held.index(True) == verdict.rule_index
        assert verdict.team == given_rules[verdict.rule_index].team
    else:
        assert verdict == Unroutable("no_rule")
        assert True not in held


@settings(max_examples=40, deadline=None)
@given(rules)
def test_coverage_says_the_same_as_asking_for_every_hour(given_rules: tuple[Rule, ...]) -> None:
    """Windows begin and end on the hour here, so one question an hour asks them all."""
    whole = city(rules=given_rules)
    reached: set[int] = set()
    open_categories: set[str] = set()
    for area in whole.areas:
        for category in whole.categories:
            for channel in CHANNELS[:3]:
                for hour in range(7 * 24):
                    when = at(2026, 6, 1) + timedelta(hours=hour)
                    verdict = decide(whole, Located(area), category, channel, when)
                    if isinstance(verdict, Assignment):
                        reached.add(verdict.rule_index)
                    else:
                        open_categories.add(category)
    seen = coverage(whole)
    assert set(seen.unreachable) == set(range(len(given_rules))) - reached
    assert set(seen.holes) == open_categories
