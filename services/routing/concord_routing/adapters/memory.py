"""The store in memory, for tests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields

from concord_routing.domain.case import Case, Task
from concord_routing.ports import Counts, Filter


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self) -> None:
        self._cases: list[Case] = []
        self._tasks: list[Task] = []

    def open(self, cases: Sequence[Case]) -> list[Case]:
        known = {each.concern_id for each in self._cases}
        kept = [each for each in cases if each.concern_id not in known]
        self._cases.extend(kept)
        return kept

    def add(self, tasks: Sequence[Task]) -> None:
        self._tasks.extend(tasks)

    def case(self, case_id: str) -> Case | None:
        return next((each for each in self._cases if each.case_id == case_id), None)

    def cases(self, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
        found = [(place, each) for place, each in enumerate(self._cases, 1) if place > after and _fits(each, wanted)]
        return found[:limit]

    def tasks(self, after: int, limit: int) -> list[tuple[int, Task]]:
        found = [(n, each) for n, each in enumerate(self._tasks, 1) if n > after and each.state == "open"]
        return found[:limit]

    def counts(self) -> Counts:
        by_outcome = Counter(each.outcome for each in self._cases)
        return Counts(dict(by_outcome), sum(each.state == "open" for each in self._tasks))


def _fits(case: Case, wanted: Filter) -> bool:
    asked = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    return all(want is None or want == getattr(case, name) for name, want in asked.items())
