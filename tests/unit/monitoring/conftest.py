"""Lets these tests share what they read, and the boards."""

import sys
from pathlib import Path

HERE = Path(__file__)
sys.path[:0] = [str(HERE.parent), str(HERE.parents[3] / "deploy" / "grafana")]
