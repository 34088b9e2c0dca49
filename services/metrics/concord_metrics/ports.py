"""What metrics needs of a database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from concord_contracts import Event
from concord_metrics.domain.aggregates import Cell, Tally
from concord_metrics.domain.case_timeline import Course
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.recent_events import Latest
from concord_metrics.domain.summary import Group
from concord_metrics.domain.trends import DayCounts


class Store(Protocol):
    """Facts and the sums over them, in one open transaction."""

    def every(self) -> Sequence["Store"]:
        """This store and, while one is rebuilt beside it, that one: events are told to each."""

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        """The fact of each concern, a blank one where nothing is known, locked until the transaction ends."""

    def keep(self, facts: Sequence[Fact]) -> None:
        """Write facts that were read by `facts` in this transaction."""

    def add(self, changes: Mapping[Cell, Tally]) -> None:
        """Add to the sums, in the order given."""

    def overall(self, area: str | None = None) -> dict[Group, Tally]:
        """The sums over all days, oldest group first; of one area only when it is given."""

    def daily(self, first: date | None, last: date | None, area: str | None = None) -> dict[Group, Tally]:
        """The sums over local days, both included; None is open."""

    def received_in(self, start: datetime, end: datetime, area: str | None = None) -> Iterable[Fact]:
        """Facts of concerns that came in from `start`, included, to `end`, excluded."""

    def courses(self, period: Period, area: str | None = None, category: str | None = None) -> list[Course]:
        """The courses of concerns that came in during a period."""

    def at_risk(self, limit: int) -> list[Fact]:
        """Facts with promises at risk, the first due first."""

    def note(self, events: Sequence[Event[Any]]) -> None:
        """Keep these as the latest public events."""

    def latest(self, limit: int) -> list[Latest]:
        """The latest public events, the last one first."""

    def concerns(self) -> int:
        """How many concerns any event has told of."""

    def settle_days(self, zone: tzinfo) -> bool:
        """Make sure that the daily sums are by days of this zone; True when they were counted anew for it."""


class OpsStore(Store, Protocol):
    """What the ops page reads besides."""

    def mark(self) -> Any:
        """A value that differs from the one before when events were taken in meanwhile; cheap to ask."""

    def last_day(self, until: date) -> date | None:
        """The last local day, no later than `until`, on which a concern came in."""

    def by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        """Counts by the local day on which concerns came in, both ends included; days without any may be missing."""

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Tally]:
        """As `daily` (or `overall`, without days), summed by area and of COUNTS only: a fraction of the work."""
