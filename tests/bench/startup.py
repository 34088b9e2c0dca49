"""Start-up: seconds from typing `concord up` until all four services are ready, on a home that exists already.

The first start (broker's data, keys, databases) is given too. No records are taken in.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

from figures import Figure, run, say
from programs import Program, get

SERVICES = ("intake", "routing", "notification", "metrics")
WARM_STARTS = 3
SECONDS = 120.0
COMMAND = ["-m", "concord_cli", "up", "--no-import", "--port-base", "0"]


def started(folder: Path) -> float:
    """Seconds until every service said that it is ready."""
    home = folder / "home"
    begun = time.monotonic()
    with Program("concord-up", folder / "up", [*COMMAND, "--home", str(home)], {}) as up:
        up.await_(lambda: _ready(home), SECONDS, every=0.1)
        return time.monotonic() - begun


def _ready(home: Path) -> bool:
    ports = _ports(home)
    return len(ports) == len(SERVICES) and all(get(port, "/readyz")[0] == 200 for port in ports)


def _ports(home: Path) -> list[int]:
    """Where the services listen; fewer than all until they are known."""
    with suppress(OSError, ValueError, KeyError):
        noted = json.loads((home / "home.json").read_text())["ports"]
        return [noted[each] for each in SERVICES]
    return []


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    try:
        first = started(folder)
        say(f"  first start: {first:.1f} s")
        warm = [started(folder) for _ in range(1 if options.quick else WARM_STARTS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    note = f"median of {len(warm)}, {min(warm):.1f} to {max(warm):.1f}"
    return [
        Figure("concord up, warm, to serving", median(warm), "s", target=15, at_most=True, note=note),
        Figure("concord up, first start, to serving", first, "s"),
    ]


if __name__ == "__main__":
    run("Start-up", measure, __doc__)
