"""Lets these tests share the sample of this folder and the service process."""

import sys
from pathlib import Path

HERE = Path(__file__)

sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
