"""Routing's rate after a restart under backlog, to its rate before: SIGTERM and kill -9.

    python -W ignore tests/bench/restart.py --base ../earlier --postgres

With `--base` an earlier checkout takes turns with this one. It needs its own `.venv`. Measurements begin 2 seconds
(SIGTERM) and 5 seconds (kill -9) after the first ready answer of the new process. On PostgreSQL one of two processes
ends as well: then the rate of both counts, from the signal on, by the messages that took effect.
"""

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from figures import HERE, Figure, run, say

ROOT = HERE.parents[1]
SECONDS = 900
MESSAGES = 40_000
Rates = Mapping[str, tuple[float, float]]
"""The way to end → the rates before and after, in messages a second."""


def rates_of(tree: Path, messages: int, *, postgres: bool) -> Rates:
    """Run one checkout. Raises CalledProcessError or TimeoutExpired."""
    arguments = [str(tree), str(messages), "postgres" if postgres else "sqlite"]
    command = [str(tree / ".venv/bin/python"), "-W", "ignore", str(HERE / "restart_of_tree.py"), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=True, cwd=tree)
    rates: Rates = json.loads(done.stdout)
    return rates


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    trees = {"": ROOT} | ({", earlier checkout": options.base.resolve()} if options.base else {})
    found: dict[str, list[tuple[float, float]]] = {}
    for turn in range(1 if options.quick else options.rounds):
        for name, tree in sorted(trees.items(), reverse=bool(turn % 2)):
            rates = rates_of(tree, options.messages, postgres=options.postgres)
            for way, (before, after) in rates.items():
                found.setdefault(f"{way}{name}", []).append((before, after))
                say(f"  turn {turn + 1}, {way}{name}: {before:,.0f}/s before, {after:,.0f}/s after")
    return [_figure(name, pairs) for name, pairs in found.items()]


def _figure(name: str, pairs: Sequence[tuple[float, float]]) -> Figure:
    before, after = (median(rates) for rates in zip(*pairs, strict=True))
    share = median(late / early for early, late in pairs)
    note = f"{before:,.0f}/s before, {after:,.0f}/s after; {len(pairs)} runs"
    return Figure(f"rate after {name}, to before", share, "x", None if "earlier" in name else 0.5, note=note)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", type=Path, help="folder of an earlier checkout, with its .venv")
    parser.add_argument("--messages", type=int, default=MESSAGES, help=f"in the backlog (default: {MESSAGES})")
    parser.add_argument("--rounds", type=int, default=3, help="turns (default: 3)")


if __name__ == "__main__":
    run("Restart under backlog", measure, __doc__, _options)
