"""How long it takes when it has not happened to all yet: the estimate of Kaplan and Meier, held to its definition."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_metrics.domain.survival import Duration, estimate_duration

SECONDS = 1_000_000
CASES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=40)


def naive(cases):
    """S(t) is the product over the moments up to t of 1 - d/n, in exact fractions, straight from the definition."""
    left, steps = Fraction(1), []
    for moment in sorted({length for length, happened in cases if happened}):
        at_risk = sum(length >= moment for length, _ in cases)
        ended = sum(happened and length == moment for length, happened in cases)
        left *= 1 - Fraction(ended, at_risk)
        steps.append((moment, left))
    return left, steps


def first_at(steps, level):
    return next((moment for moment, left in steps if left <= level), None)


@given(CASES)
def test_it_is_the_product_of_what_is_left_at_each_moment(cases):
    found = estimate_duration(sorted((length * SECONDS, happened) for length, happened in cases))
    left, steps = naive(cases)

    assert found.median == first_at(steps, Fraction(1, 2))
    assert found.p90 == first_at(steps, Fraction(1, 10))
    assert found.reached == (pytest.approx(float(1 - left)) if cases else None)
    assert (found.count, found.waiting) == (sum(each for _, each in cases), sum(not each for _, each in cases))


def test_a_published_example():
    """Six weeks in remission under 6-MP (Freireich et al., 1963): the median is 23 weeks, 0.448 are left at the end."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    waiting = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    cases = sorted([(each * SECONDS, True) for each in ended] + [(each * SECONDS, False) for each in waiting])

    found = estimate_duration(cases)

    assert (found.median, found.p90, round(1 - found.reached, 3)) == (23, None, 0.448)


def test_without_any_waiting_it_is_the_plain_quantile():
    found = estimate_duration([(each * SECONDS, True) for each in range(1, 31)])

    assert (found.median, found.p90, found.mean, found.reached) == (15, 27, 15.5, 1)


def test_what_most_still_wait_for_is_not_reached_and_its_share_is_said():
    found = estimate_duration([(1 * SECONDS, True), (2 * SECONDS, False), (2 * SECONDS, False), (2 * SECONDS, False)])

    assert (found.median, found.p90, found.reached) == (None, None, 0.25)
    assert estimate_duration([]) == Duration(0, 0, None, None, None, None)
    assert estimate_duration([(SECONDS, False)]).reached == 0
