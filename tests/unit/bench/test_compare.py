"""The ratios that `tests/bench/compare.py` prints."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
from compare import Turn, compare

sys.path.pop(0)


def test_the_median_is_of_both_ratios_and_the_spread_is_of_the_earlier_one_to_itself():
    turns = [
        Turn({"hop": 110.0}, {"hop": 100.0}, {"hop": 110.0}),
        Turn({"hop": 100.0}, {"hop": 100.0}, {"hop": 80.0}),
        Turn({"hop": 120.0}, {"hop": 120.0}, {"hop": 120.0}),
    ]
    found = compare(turns, "hop")
    assert found.median == pytest.approx(1.0)
    assert (found.low, found.high) == (pytest.approx(0.8), pytest.approx(1.25))
    assert (found.new_us, found.base_us) == (110.0, 105.0)
