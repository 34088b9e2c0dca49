"""Lets the tests of this folder use the stages of tests/integration."""

import sys
from pathlib import Path

INTEGRATION = Path(__file__).parents[1] / "integration"
sys.path[:0] = [str(INTEGRATION / name) for name in ("", "bus", "client", "subscribers")]
