"""Lets these tests share the sample of this folder, the service process and the issuer of tokens."""

import sys
from pathlib import Path

HERE = Path(__file__)

sys.path[:0] = [str(HERE.parent), str(HERE.parents[1]), str(HERE.parents[2] / "unit" / "access")]
