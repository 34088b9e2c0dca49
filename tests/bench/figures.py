"""What a benchmark prints: figures, each beside its target, as a table or as JSON.

A missed target is no failure; a benchmark that broke off is one.
"""

import argparse
import json
import math
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

Extra = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `target` is at least to be reached, with `at_most` not to be passed; None: no target."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        met = self.value <= self.target if self.at_most else self.value >= self.target
        return f"{'met' if met else 'missed'}: {'at most' if self.at_most else 'at least'} {short(self.target)}"


class BrokenOff(Exception):
    """Some benchmarks gave no figures: `scripts` are their names, `figures` what the others measured."""

    def __init__(self, scripts: Sequence[str], figures: Sequence[Figure]) -> None:
        super().__init__(", ".join(scripts))
        self.figures = figures


Measure = Callable[[argparse.Namespace], Sequence[Figure]]


def short(value: float) -> str:
    """Three digits that count; whole numbers from 100 on."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def table(figures: Sequence[Figure]) -> str:
    """Lines of name, value, verdict and note."""
    rows = [(each.name, f"{short(each.value)} {each.unit}", each.verdict, each.note) for each in figures]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    return "\n".join(
        f"  {name:<{widths[0]}}  {value:>{widths[1]}}  {verdict:<{widths[2]}}  {note}".rstrip()
        for name, value, verdict, note in rows
    )


def say(text: str) -> None:
    """Progress, beside the figures."""
    print(text, file=sys.stderr, flush=True)


def run(title: str, measure: Measure, about: str | None, extra: Extra | None = None) -> None:
    """Read the options, measure, print. Exits with 1 when a benchmark broke off, after printing the other figures."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--postgres", action="store_true", help="use a private PostgreSQL server instead of SQLite")
    parser.add_argument(
        "--quick", action="store_true", help="a short run, to see that it works; its figures say little"
    )
    if extra:
        extra(parser)
    signal.signal(signal.SIGTERM, _stop)
    options = parser.parse_args()
    try:
        _show(title, measure(options), as_json=options.json)
    except BrokenOff as error:
        _show(title, error.figures, as_json=options.json)
        say(f"broke off: {error}")
        sys.exit(1)


def _show(title: str, figures: Sequence[Figure], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"title": title, "figures": [asdict(figure) for figure in figures]}), flush=True)
    else:
        print(f"{title}\n{table(figures)}", flush=True)


def from_json(given: dict[str, Any]) -> list[Figure]:
    return [Figure(**each) for each in given["figures"]]


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(143)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of all values do not exceed; NaN without any."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


HERE = Path(__file__).parent
