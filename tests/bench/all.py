"""Every benchmark, one after the other, and one table at the end.

A benchmark that breaks off lacks its figures in the table; the others still run, and the exit code is then 1.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence

from figures import HERE, BrokenOff, Figure, from_json, run, say

SCRIPTS = (
    *("routing_hop", "promises", "case_list", "intake", "whole_way", "webhooks", "dripping"),
    *("memory", "startup", "replay", "subscriber", "ops_page", "city_try", "sizing", "summary"),
)
SECONDS = 1_200
"""How long one benchmark may take."""


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    """The figures of all benchmarks. Raises BrokenOff, with the figures of the others, when one broke off."""
    passed = [f"--{name}" for name in ("postgres", "quick") if getattr(options, name)]
    figures: list[Figure] = []
    broken: list[str] = []
    for script in SCRIPTS:
        say(f"{script} …")
        try:
            figures += figures_of(script, passed)
        except (subprocess.SubprocessError, ValueError, TypeError, KeyError) as error:
            say(f"  {script} broke off ({reason(error)}); its figures are missing")
            broken.append(script)
    if broken:
        raise BrokenOff(broken, figures)
    return figures


def figures_of(script: str, options: Sequence[str]) -> list[Figure]:
    """Run one benchmark. Raises CalledProcessError, TimeoutExpired, or what unreadable figures raise."""
    command = [sys.executable, str(HERE / f"{script}.py"), "--json", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=True)
    return from_json(json.loads(done.stdout))


def reason(error: Exception) -> str:
    """Why a benchmark broke off, without its output."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit code {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no result within {error.timeout:g} s"
    return f"its output is not the JSON of figures: {type(error).__name__}"


if __name__ == "__main__":
    run("Speed and memory", measure, __doc__)
