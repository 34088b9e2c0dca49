"""A past of 100,000 concerns: `concord import --history` as an operator types it, into all four services.

    python -W ignore tests/bench/import_history.py --base ../earlier --pairs 7

The sample's records over and over, each with a new id. The time goes from the start of the command until the ledgers
of all services agree, and no message is left in a queue or outbox. Each run has a new broker and new databases.

With `--base` an earlier checkout takes turns with this one: it runs before and after each run of this one. As in
`compare.py` the ratios are to both, and the ratios of those two to each other are the spread. The earlier checkout
needs its own `.venv`. Where the cores are shared, compare the CPU for each concern rather than the rates.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from city_try import write_records
from compare import Turn, compare
from figures import HERE, Figure, run, say, short

ROOT = HERE.parents[1]
CONCERNS = 100_000
SECONDS = 3_600
TOTAL = "all parts"


@dataclass(frozen=True, slots=True)
class Run:
    """One import: seconds until the command ended (`sent`) and until all ledgers agreed, the command's peak memory in
    MiB, and the CPU of each part in microseconds per concern.
    """

    sent: float
    seconds: float
    peak: float
    cpu: Mapping[str, float]

    @property
    def costs(self) -> dict[str, float]:
        return {**self.cpu, TOTAL: sum(self.cpu.values())}


def import_into(tree: Path, records: Path, number: int, *, postgres: bool) -> Run:
    """Run one checkout. Raises CalledProcessError or TimeoutExpired."""
    arguments = [str(tree), str(records), str(number), "postgres" if postgres else "sqlite"]
    command = [str(tree / ".venv/bin/python"), "-W", "ignore", str(HERE / "import_of_tree.py"), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=True, cwd=tree)
    return Run(**json.loads(done.stdout))


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    concerns, pairs = (4_000, 1) if options.quick else (options.concerns, options.pairs)
    base = options.base and options.base.resolve()
    order = [base, *[ROOT, base] * pairs] if base else [ROOT]
    found: dict[Path, list[Run]] = {tree: [] for tree in order}
    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    try:
        write_records(folder / "records.csv", concerns)
        for number, tree in enumerate(order, 1):
            done = import_into(tree, folder / "records.csv", concerns, postgres=options.postgres)
            found[tree].append(done)
            name = "earlier checkout" if tree == base else "this checkout"
            say(f"  run {number} of {len(order)}, {name}: {in_words(done, concerns)}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [*figures(found[ROOT], concerns), *(compared(found[ROOT], found[base]) if base else [])]


def in_words(done: Run, concerns: int) -> str:
    costs = ", ".join(f"{name} {cost:.0f}" for name, cost in done.costs.items())
    return f"{concerns / done.seconds:,.0f}/s, command {done.sent:.1f} s, {done.peak:.0f} MiB; µs: {costs}"


def figures(runs: Sequence[Run], concerns: int) -> list[Figure]:
    """The medians of this checkout."""
    rates = [concerns / each.seconds for each in runs]
    note = f"{concerns:,} in {median(each.seconds for each in runs):.1f} s; {min(rates):,.0f} to {max(rates):,.0f}/s"
    return [
        Figure("import of history", median(rates), "concerns/s", note=note),
        *(
            Figure(f"import of history, CPU of {name}", median(each.costs[name] for each in runs), "µs/concern")
            for name in runs[0].costs
        ),
        Figure("import of history, peak of the command", max(each.peak for each in runs), "MiB"),
    ]


def compared(new: Sequence[Run], base: Sequence[Run]) -> list[Figure]:
    """Ratios to the earlier checkout. `base` has a run before each of `new`, and one after the last."""
    values = [[{**each.costs, "seconds": each.seconds, "peak": each.peak} for each in runs] for runs in (new, base)]
    turns = [Turn(*each) for each in zip(values[0], values[1], values[1][1:], strict=False)]
    return [
        *(_ratio(f"CPU of {name}", turns, name, "µs") for name in new[0].costs),
        _ratio("wall-clock time", turns, "seconds", "s"),
        _ratio("peak of the command", turns, "peak", "MiB"),
    ]


def _ratio(what: str, turns: Sequence[Turn], way: str, unit: str) -> Figure:
    ratio = compare(turns, way)
    spread = f"before to itself {ratio.low:.3f} to {ratio.high:.3f}"
    note = f"{short(ratio.new_us)} {unit}, before {short(ratio.base_us)}; {spread}; {len(turns)} turns"
    return Figure(f"{what}, to the earlier checkout", ratio.median, "x", ratio.high, at_most=True, note=note)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", type=Path, help="folder of an earlier checkout, with its .venv")
    parser.add_argument("--concerns", type=int, default=CONCERNS, help=f"in one import (default: {CONCERNS:,})")
    parser.add_argument("--pairs", type=int, default=7, help="turns with --base (default: 7)")


if __name__ == "__main__":
    run("Import of history", measure, __doc__, _options)
