"""What routing needs of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from concord_routing.domain.case import ROUTED, Case, Task


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are asked for; None means any."""

    area: str | None = None
    team: str | None = None
    status: str | None = None
    category: str | None = None
    reason: str | None = None
    concern_id: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases the rules led to each outcome, without those that none had; how many tasks wait for a person."""

    by_outcome: Mapping[str, int]
    tasks_open: int

    @property
    def cases(self) -> int:
        return sum(self.by_outcome.values())

    @property
    def routed(self) -> int:
        return self.by_outcome.get(ROUTED, 0)

    @property
    def unroutable(self) -> int:
        return self.cases - self.routed


class Store(Protocol):
    """Cases and tasks inside one transaction."""

    def open(self, cases: Sequence[Case]) -> list[Case]:
        """Keep the cases of concerns that have none yet, also none that another process opens just now; which they are.

        The cases are of distinct concerns and have ids that were never used.
        """

    def add(self, tasks: Sequence[Task]) -> None:
        """Keep new tasks."""

    def case(self, case_id: str) -> Case | None:
        """The case of this id."""

    def cases(self, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
        """Cases with their place in the order of opening, beginning after a place."""

    def tasks(self, after: int, limit: int) -> list[tuple[int, Task]]:
        """Open tasks with their place, beginning after a place."""

    def counts(self) -> Counts:
        """Costs the same however many cases there are."""
