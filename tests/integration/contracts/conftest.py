"""Lets these tests share the service process."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
