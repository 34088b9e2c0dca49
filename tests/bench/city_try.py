"""A new city folder tried on a year of concerns: `concord city try --against` as an operator types it.

The sample's records over and over, each with a new id, decided by the sample's rules and by the same with two of them
taken away and other promises. The time holds all: starting, reading the file, both decisions, the counts, the CSV of
the changes. No service and no broker runs.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from figures import Figure, run, say
from stage import CITY, RECORDS

CONCERNS = 400_000
ROUNDS = 3
SECONDS = 60.0
MIB = 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One call: wall-clock and CPU seconds, peak memory in MiB, concerns compared and changed."""

    seconds: float
    cpu: float
    peak: float
    concerns: int
    changed: int


def write_records(file: Path, number: int) -> None:
    """The sample's rows over and over, with distinct ids."""
    with RECORDS.open(encoding="utf-8", newline="") as opened:
        head, *rows = csv.reader(opened)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(head)
        where = head.index("n_id")
        for place, row in enumerate(islice(cycle(rows), number)):
            writer.writerow([*row[:where], f"{row[where]}-{place}", *row[where + 1 :]])


def write_new_city(folder: Path) -> None:
    """The sample city without its third and fourth rule, with quicker promises of the others."""
    shutil.copytree(CITY, folder)
    file = folder / "rules.toml"
    head, *rules = file.read_text("utf-8").split("[[rule]]")
    kept = [rule.replace("40 working hours", "24 working hours") for rule in (*rules[:2], *rules[4:])]
    file.write_text("[[rule]]".join([head, *kept]), "utf-8")


def tried(folder: Path) -> Run:
    """Run the command once. Raises CalledProcessError."""
    files = ["--against", str(folder / "records.csv"), "--now", str(CITY), "--csv", str(folder / "changes.csv")]
    command = [sys.executable, "-m", "concord_cli", "city", "try", str(folder / "city"), *files, "--json"]
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        answer = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begun
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    counts = json.loads(answer)
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / MIB, counts["concerns"], counts["changed"])


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    concerns, rounds = (20_000, 1) if options.quick else (options.concerns, ROUNDS)
    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    try:
        write_records(folder / "records.csv", concerns)
        write_new_city(folder / "city")
        runs = []
        for turn in range(rounds):
            runs.append(tried(folder))
            say(f"  round {turn + 1}: {runs[-1].seconds:.1f} s, {runs[-1].changed:,} of {runs[-1].concerns:,} change")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return figures(runs, concerns)


def figures(runs: Sequence[Run], concerns: int) -> list[Figure]:
    seconds = median(each.seconds for each in runs)
    note = f"{len(runs)} runs, {min(each.seconds for each in runs):.1f} to {max(each.seconds for each in runs):.1f}"
    cpu = median(each.cpu for each in runs)
    return [
        Figure(f"city try, {concerns:,} concerns", seconds, "s", target=SECONDS, at_most=True, note=note),
        Figure("city try", runs[0].concerns / seconds, "concerns/s", note="each decided by both cities"),
        Figure("city try, CPU", cpu / concerns * 1e6, "µs/concern"),
        Figure("city try, peak", max(each.peak for each in runs), "MiB"),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concerns", type=int, default=CONCERNS, help=f"in one run (default: {CONCERNS:,})")


if __name__ == "__main__":
    run("A new city folder, tried", measure, __doc__, _options)
