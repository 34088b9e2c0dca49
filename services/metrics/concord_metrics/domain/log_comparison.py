"""Events that metrics has handled and the stream of public events lacks."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

EDGE_SECONDS = 60.0
"""Events handled within this time of the range's first event may lie before the range."""
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class MissingEvents:
    """Ids in the order of their handling, with the Unix times (seconds) of the first and the last handling."""

    ids: tuple[str, ...]
    compared: int
    first: float = 0.0
    last: float = 0.0

    def __str__(self) -> str:
        more = len(self.ids) - EXAMPLES
        names = ", ".join(self.ids[:EXAMPLES]) + (f" and {more:,} more" if more > 0 else "")
        return (
            f"{len(self.ids):,} of {self.compared:,} events that metrics handled, "
            f"from {_utc(self.first)} to {_utc(self.last)}: {names}"
        )


@dataclass(slots=True)
class LogComparison:
    """Compares the ids that metrics has handled with those that a range of the stream holds.

    `handled` maps each event's id to the Unix time (seconds) of its handling. `from_start` is true when the range
    begins with the stream's first message, so that each handled event must be in it. Otherwise those handled before
    the range's first event do not count.
    """

    handled: dict[str, float]
    from_start: bool
    _held: set[str] = field(default_factory=set)

    def hold(self, event_ids: Collection[str]) -> None:
        """Note events of the range. One may come several times."""
        self._held.update(self.handled.keys() & event_ids)

    def missing(self) -> MissingEvents:
        """Return the events that the range lacks."""
        since = float("-inf")
        if not self.from_start:
            since = min((self.handled[each] for each in self._held), default=float("inf")) + EDGE_SECONDS
        compared = {each: seen for each, seen in self.handled.items() if seen > since}
        lost = sorted((seen, each) for each, seen in compared.items() if each not in self._held)
        if not lost:
            return MissingEvents((), len(compared))
        return MissingEvents(tuple(each for _, each in lost), len(compared), lost[0][0], lost[-1][0])


def _utc(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
