"""Counts of compared decisions: by area, by team, by move from team to team, and by promise."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from concord_city.domain.comparison import Comparison, Shift, shift

PromiseKind = Literal["acknowledgement", "response"]
Group = str | None
"""The code of an area or a team. None stands for concerns without one: a person in triage decides."""


@dataclass(slots=True)
class GroupCounts:
    """Concerns of one area or team by the present rules (`now`) and by the new ones.

    `leaving` go to another group by the new rules, `arriving` come from one. `promises` counts changed due times by
    kind and shift. A changed promise counts for the group that has the concern by the new rules.
    """

    now: int = 0
    new: int = 0
    leaving: int = 0
    arriving: int = 0
    promises: Counter[tuple[PromiseKind, Shift]] = field(default_factory=Counter)


@dataclass(slots=True)
class ComparisonCounts:
    """Counts of all comparisons. `moves` has those that go elsewhere, by the present team and the new one."""

    concerns: int = 0
    changed: int = 0
    elsewhere: int = 0
    areas: dict[Group, GroupCounts] = field(default_factory=dict)
    teams: dict[Group, GroupCounts] = field(default_factory=dict)
    moves: Counter[tuple[Group, Group]] = field(default_factory=Counter)
    promises: Counter[tuple[PromiseKind, Shift]] = field(default_factory=Counter)

    def add(self, comparison: Comparison) -> None:
        now, new = comparison.now, comparison.new
        shifts = tuple(promise_shifts(comparison))
        _add(self.areas, now.area, new.area, shifts)
        _add(self.teams, now.team, new.team, shifts)
        self.concerns += 1
        self.changed += bool(comparison.differences)
        self.promises.update(shifts)
        if comparison.goes_elsewhere:
            self.elsewhere += 1
            self.moves[now.team, new.team] += 1


def promise_shifts(comparison: Comparison) -> Iterator[tuple[PromiseKind, Shift]]:
    """Yield the promises of a concern whose due time changes, with the direction."""
    now, new = comparison.now, comparison.new
    if now.promise == new.promise:
        return
    if moved := shift(now.acknowledge_by, new.acknowledge_by):
        yield "acknowledgement", moved
    if moved := shift(now.respond_by, new.respond_by):
        yield "response", moved


def _add(groups: dict[Group, GroupCounts], now: Group, new: Group, shifts: Iterable[tuple[PromiseKind, Shift]]) -> None:
    before = groups.get(now) or groups.setdefault(now, GroupCounts())
    before.now += 1
    after = before if now == new else groups.get(new) or groups.setdefault(new, GroupCounts())
    after.new += 1
    if before is not after:
        before.leaving += 1
        after.arriving += 1
    if shifts:
        after.promises.update(shifts)
