"""Memory is judged by the peak, which a look now and then misses."""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from memory import figures
from programs import peak_mib, resident_mib

MIB = 2**20
ROUNDING_MIB = 2
"""The kernel counts pages per thread and adds them up now and then."""


def test_what_is_freed_before_the_look_is_in_the_peak() -> None:
    held = bytearray(os.urandom(1)) * (64 * MIB)
    most = resident_mib(os.getpid())
    del held
    assert peak_mib(os.getpid()) > most - ROUNDING_MIB > 64
    assert resident_mib(os.getpid()) < most - 60


def test_the_peak_is_judged_and_not_what_is_left() -> None:
    gone = [{"intake": 60.0}, {"intake": 61.0}, {"intake": 61.5}]
    most, growth = figures(gone, {"intake": 131.0}, {"intake": 40.0}, 1000)
    assert (most.value, most.verdict) == (131.0, "missed: at most 120")
    assert growth.verdict.startswith("met")
