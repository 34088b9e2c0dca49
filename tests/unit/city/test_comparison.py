"""Decisions of two cities about one concern: what counts as a difference, and the sums by area, team and promise."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concord_city import Promise
from concord_city.domain.comparison import Comparison, Decision, Difference, PastConcern, Shift, shift
from concord_city.domain.comparison_counts import ComparisonCounts, GroupCounts

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONCERN = PastConcern("c1", "noise", "web", AT)
WORKS = Decision("west", "works", rule="rule 1", promise=Promise(AT + HOUR, AT + 2 * HOUR))
OUTSIDE = Decision(None, reason="outside")


@pytest.mark.parametrize(
    ("new", "differences", "elsewhere"),
    [
        pytest.param(WORKS, (), False, id="same"),
        pytest.param(replace(WORKS, rule="rule 2"), (), False, id="another rule with the same result"),
        pytest.param(replace(WORKS, team="parks"), ("team",), True, id="another team"),
        pytest.param(replace(WORKS, area="east"), ("area",), False, id="another area, same team"),
        pytest.param(
            replace(WORKS, promise=Promise(AT + HOUR, AT + 3 * HOUR)), ("respond_by",), False, id="a later response"
        ),
        pytest.param(OUTSIDE, ("area", "team", "reason", "acknowledge_by", "respond_by"), True, id="to a person"),
    ],
)
def test_differences(new: Decision, differences: tuple[Difference, ...], elsewhere: bool) -> None:
    comparison = Comparison(CONCERN, WORKS, new)
    assert comparison.differences == differences
    assert comparison.goes_elsewhere is elsewhere


def test_another_reason_for_triage_goes_nowhere_else() -> None:
    comparison = Comparison(CONCERN, OUTSIDE, Decision(None, reason="placeholder"))
    assert comparison.differences == ("reason",)
    assert not comparison.goes_elsewhere


@pytest.mark.parametrize(
    ("now", "new", "result"),
    [
        (AT, AT, None),
        (None, None, None),
        (AT, AT - HOUR, "earlier"),
        (AT, AT + HOUR, "later"),
        (None, AT, "made"),
        (AT, None, "dropped"),
    ],
)
def test_shift_of_a_due_time(now: datetime | None, new: datetime | None, result: Shift | None) -> None:
    assert shift(now, new) == result


def test_counts_by_area_team_move_and_promise() -> None:
    counts = ComparisonCounts()
    later = replace(WORKS, promise=Promise(AT + HOUR, AT + 3 * HOUR))
    for new in (WORKS, later, replace(later, team="parks"), replace(WORKS, team="parks", area="east"), OUTSIDE):
        counts.add(Comparison(CONCERN, WORKS, new))
    assert (counts.concerns, counts.changed, counts.elsewhere) == (5, 4, 3)
    assert counts.moves == {("works", "parks"): 2, ("works", None): 1}
    assert counts.promises == {("response", "later"): 2, ("acknowledgement", "dropped"): 1, ("response", "dropped"): 1}
    assert counts.teams == {
        "works": GroupCounts(now=5, new=2, leaving=3, promises=Counter({("response", "later"): 1})),
        "parks": GroupCounts(new=2, arriving=2, promises=Counter({("response", "later"): 1})),
        None: GroupCounts(
            new=1, arriving=1, promises=Counter({("acknowledgement", "dropped"): 1, ("response", "dropped"): 1})
        ),
    }
    areas = {area: (group.now, group.new, group.leaving, group.arriving) for area, group in counts.areas.items()}
    assert areas == {"west": (5, 3, 2, 0), "east": (0, 1, 0, 1), None: (0, 1, 0, 1)}
