"""What answers say is shown with its interval, and never of fewer than ten, not even by subtraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_metrics.domain.estimates import COMPLEMENT, MIN_ANSWERS, TOO_FEW, mean, share, suppressed_groups, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilsons(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_share_lies_in_its_interval(given):
    low, high = wilson(*given)
    assert 0 <= low <= given[0] / given[1] + 1e-9
    assert given[0] / given[1] - 1e-9 <= high <= 1


def test_fewer_than_ten_are_not_shown():
    assert share(9, 9).suppressed == mean(30, 9).suppressed == TOO_FEW
    assert share(9, 9).value is mean(30, 9).value is None
    assert share(9, 10).value == 0.9
    assert share(9, 10, COMPLEMENT).value is None


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=7))
def test_no_group_of_fewer_than_ten_can_be_told_from_the_whole_and_the_others(counts):
    gone = suppressed_groups(counts)
    together = sum(counts[name] for name in gone)

    assert all(counts[name] >= MIN_ANSWERS for name in counts if name not in gone)
    assert together == 0 or together >= MIN_ANSWERS or len(gone) == len(counts)
