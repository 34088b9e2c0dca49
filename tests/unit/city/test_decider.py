"""Many decisions at once equal the decisions one by one, also where the memory of alike concerns could mislead."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord_city import CHANNELS, Assignment, City, Locator, WorkingHours, decide, promise
from concord_city.adapters.time_windows import week_times
from concord_city.decider import BATCH, Decider, compare
from concord_city.domain.comparison import Decision, PastConcern

from .twoside import TWO_DAYS, city, rule

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
WEST, EAST, NOWHERE = (-71.015, 42.005), (-70.985, 42.005), (0.0, 0.0)
RULES = (
    rule("night", times=week_times(["22:00-06:00"], None), categories=frozenset({"noise"}), name="night"),
    rule("weekend", times=week_times(["00:00-24:00"], [5, 6])),
    rule("phones", channels=frozenset({"phone"}), acknowledge=TWO_DAYS),
    rule("team-{area}", areas=frozenset({"west"})),
    rule("works", categories=frozenset({"graffiti"})),
)
CITY = city(rules=RULES)


def instants(first: datetime) -> st.SearchStrategy[datetime]:
    last = int((datetime(2029, 1, 1, tzinfo=UTC) - first) / timedelta(minutes=1))
    return st.integers(0, last).map(lambda minutes: first + timedelta(minutes=minutes))


concerns = st.builds(
    PastConcern,
    id=st.just("c"),
    category=st.sampled_from(["noise", "graffiti", "unheard-of"]),
    channel=st.sampled_from(CHANNELS),
    received_at=instants(datetime(2020, 1, 1, tzinfo=UTC)),
    occurred_at=st.none() | instants(datetime(1, 1, 2, tzinfo=UTC)),
    point=st.sampled_from([WEST, EAST, NOWHERE, None, (-71.01, 42.01)]),
)


def one_by_one(city: City, concern: PastConcern) -> Decision:
    located = Locator(city).locate_all([concern.point])[0]
    verdict = decide(city, located, concern.category, concern.channel, concern.rule_time)
    if not isinstance(verdict, Assignment):
        return Decision(located.area, reason=verdict.reason)
    taken_by = city.rules[verdict.rule_index]
    name = taken_by.name or f"rule {verdict.rule_index + 1}"
    return Decision(located.area, verdict.team, rule=name, promise=promise(city, taken_by, concern.received_at))


@settings(max_examples=60, deadline=None)
@given(st.lists(concerns, max_size=12))
def test_all_at_once_is_as_one_by_one(some: list[PastConcern]) -> None:
    assert Decider(CITY).decide_all(some) == [one_by_one(CITY, concern) for concern in some]


@pytest.mark.parametrize(
    ("minutes", "team"), [(-1, "team-west"), (0, "night"), (8 * 60 - 1, "night"), (480, "team-west")]
)
def test_the_edges_of_a_window_are_kept_apart(minutes: int, team: str) -> None:
    ten_in_the_evening = datetime(2026, 3, 4, 22, tzinfo=CITY.zone)
    around = [
        PastConcern("c", "noise", "web", (ten_in_the_evening + timedelta(minutes=each)).astimezone(UTC), point=WEST)
        for each in (-1, 0, 479, 480)
    ]
    decisions = dict(zip((-1, 0, 479, 480), Decider(CITY).decide_all(around), strict=True))
    assert decisions[minutes].team == team


def test_a_city_without_times_of_the_week() -> None:
    assert Decider(city()).decide_all([PastConcern("c", "noise", "web", AT, point=EAST)])[0].team == "works"


def test_compare_reads_no_more_than_a_batch_ahead() -> None:
    taken = 0

    def endless() -> Iterator[PastConcern]:
        nonlocal taken
        while True:
            taken += 1
            yield PastConcern(str(taken), "graffiti", "web", AT, point=WEST)

    new = replace(CITY, rules=(rule("parks"),))
    first = list(islice(compare(CITY, new, endless()), 3))
    assert taken == BATCH
    assert [comparison.concern.id for comparison in first] == ["1", "2", "3"]
    assert [(comparison.now.team, comparison.new.team) for comparison in first] == [("team-west", "parks")] * 3


def test_cities_with_other_hours_or_zones_share_no_promise() -> None:
    at_noon = [PastConcern("c", "graffiti", "web", AT, point=EAST)]
    now = city(rules=(rule("works"),))
    for new in (replace(now, working_hours=WorkingHours((((0, 1440),),) * 7)), replace(now, time_zone="UTC")):
        [comparison] = compare(now, new, at_noon)
        assert comparison.now == one_by_one(now, at_noon[0])
        assert comparison.new == one_by_one(new, at_noon[0])
        assert comparison.differences == ("acknowledge_by",)


def test_compare_of_nothing() -> None:
    assert list(compare(CITY, CITY, [])) == []
