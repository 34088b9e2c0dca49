"""Progress for a person: bars on a terminal, a line every few seconds elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from concord_cli.common.console import Console
from concord_cli.up.reconciliation import Account

LINE_SECONDS = 3.0
PLAIN_WIDTH = 110


class Screen:
    """Output of a run. With `to_stderr` standard output stays free for JSON."""

    def __init__(self, *, to_stderr: bool = False, console: Console | None = None) -> None:
        self.console = console or Console(stderr=to_stderr, highlight=False)
        if not self.console.is_terminal:
            self.console.width = PLAIN_WIDTH

    def say(self, text: str) -> None:
        """Print text. Any thread may call it."""
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator["View"]:
        if not self.console.is_terminal:
            yield _Lines(self)
            return
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=40),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as bars:
            yield _Bars(bars)


class _Rate:
    """Concerns per second between two calls."""

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None

    def update(self, count: int) -> float:
        now = monotonic()
        last, self._last = self._last, (now, count)
        return max(0.0, (count - last[1]) / (now - last[0])) if last and now > last[0] else 0.0


class _Bars:
    NAMES = ("taken in", "decided", "notified", "measured")

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks = {name: bars.add_task(name, total=None, note="") for name in self.NAMES}
        self._rates = {name: _Rate() for name in self.NAMES}

    def show(self, account: Account) -> None:
        total = max(account.imported.records, account.taken_in)
        decided = account.routed + account.unroutable
        self._set("taken in", account.taken_in, total, f"{account.imported.refused} refused")
        self._set("decided", decided, total, f"{account.unroutable:,} unroutable")
        finished = account.delivered + account.failed
        self._set("notified", finished, max(account.contacts, 1), f"{account.failed:,} failed")
        self._set("measured", account.measured, total, f"{account.parked:,} parked")

    def _set(self, name: str, done: int, total: int, note: str) -> None:
        rate = self._rates[name].update(done)
        self._bars.update(self._tasks[name], completed=done, total=total, note=f"{rate:,.0f}/s, {note}")


class _Lines:
    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._next = 0.0
        self._rate = _Rate()

    def show(self, account: Account) -> None:
        if monotonic() < self._next:
            return
        self._next = monotonic() + LINE_SECONDS
        total = max(account.imported.records, account.taken_in)
        rate = self._rate.update(account.measured)
        self._screen.say(
            f"taken in {account.taken_in:,} of {total:,} | routed {account.routed:,}"
            f" | unroutable {account.unroutable:,} | notified {account.delivered:,}"
            f" | measured {account.measured:,} ({rate:,.0f}/s) | parked {account.parked:,}"
        )


View = _Bars | _Lines
"""Shows an account as it grows."""
