"""1,500 slow clients at intake's door: every other request still gets its response."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench" / "dripping.py"
SLOWEST_MS = 2000
"""Generous, because other programs may keep the machine busy; `make bench` compares with the goal of 100 ms."""


def test_slow_clients_shut_no_door() -> None:
    command = [sys.executable, "-W", "ignore", str(BENCH), "--json", "--quick"]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=600, check=True)
    figures = {figure["name"]: figure for figure in json.loads(done.stdout)["figures"]}
    print({name: round(figure["value"]) for name, figure in figures.items()})
    refused = {name: figure["note"] for name, figure in figures.items() if "refused" in name and figure["value"]}
    assert refused == {}
    late = {name: figure["value"] for name, figure in figures.items() if "batch, p99" in name}
    assert late
    assert max(late.values()) < SLOWEST_MS
