"""CPU per concern of this checkout beside an earlier one, in interleaved runs.

    python -W ignore tests/bench/compare.py --base ../earlier --pairs 7

Each turn runs the earlier checkout twice and this one once, in rotating order. The two runs of the earlier one give the
spread: this checkout is not worse when the median of its ratios is within the ratios of the earlier one to itself.
Each checkout needs its own `.venv` (`sh scripts/bootstrap.sh --dev --need rabbitmq -- true`).
"""

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from figures import HERE, Figure, run, say

ROOT = HERE.parents[1]
SECONDS = 600
Costs = Mapping[str, float]
"""The name of a way → microseconds of CPU per concern."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of this checkout and two of the earlier one."""

    new: Costs
    base: Costs
    again: Costs


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ratios of one way: `median` of this checkout to the earlier one, `low` to `high` of the earlier one to itself."""

    median: float
    low: float
    high: float
    new_us: float
    base_us: float


def compare(turns: Sequence[Turn], way: str) -> Comparison:
    """Compare one way over all turns. Each turn gives two ratios to the earlier checkout, and one spread both ways."""
    ratios = [turn.new[way] / base[way] for turn in turns for base in (turn.base, turn.again)]
    spread = [turn.again[way] / turn.base[way] for turn in turns]
    spread += [1 / ratio for ratio in spread]
    return Comparison(
        median(ratios),
        min(spread),
        max(spread),
        median(turn.new[way] for turn in turns),
        median(cost for turn in turns for cost in (turn.base[way], turn.again[way])),
    )


def costs_of(tree: Path) -> Costs:
    """Run the benchmarks of one checkout. Raises CalledProcessError or TimeoutExpired."""
    command = [str(tree / ".venv/bin/python"), "-W", "ignore", str(HERE / "cpu_of_tree.py"), str(tree)]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=True, cwd=tree)
    costs: Costs = json.loads(done.stdout)
    return costs


def take_turn(number: int, base: Path) -> Turn:
    """Run each part of a turn once; the order rotates with the number of the turn."""
    parts = [("new", ROOT), ("base", base), ("again", base)]
    first = number % len(parts)
    done = {name: costs_of(tree) for name, tree in parts[first:] + parts[:first]}
    return Turn(**done)


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    turns = []
    for number in range(1 if options.quick else options.pairs):
        turns.append(take_turn(number, options.base.resolve()))
        ways = ", ".join(f"{way} {turns[-1].new[way] / turns[-1].base[way]:.3f}" for way in turns[-1].new)
        say(f"  turn {number + 1}: {ways}")
    return [_figure(way, compare(turns, way)) for way in turns[0].new]


def _figure(way: str, found: Comparison) -> Figure:
    note = f"{found.new_us:.0f} µs, before {found.base_us:.0f}; before to itself {found.low:.3f} to {found.high:.3f}"
    return Figure(f"{way}, CPU to the earlier checkout", found.median, "x", found.high, at_most=True, note=note)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", type=Path, required=True, help="folder of the earlier checkout, with its .venv")
    parser.add_argument("--pairs", type=int, default=7, help="turns (default: 7)")


if __name__ == "__main__":
    run("CPU beside an earlier checkout", measure, __doc__, _options)
