"""Lets these tests share the events of the unit tests and the service process."""

import sys
from pathlib import Path

HERE = Path(__file__)
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1]), str(HERE.parents[2] / "unit" / "notification")]
