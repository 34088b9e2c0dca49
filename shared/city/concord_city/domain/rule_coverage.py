"""Finds unreachable rules, and concerns that no rule takes.

A rule covers areas x categories x channels x minutes of the week. The minutes are bits of one integer. Areas,
categories and channels that appear in the same rules form one group.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from concord_city.domain.model import CHANNELS, MINUTES_OF_WEEK, City, Rule, WeekTimes

ALWAYS = (1 << MINUTES_OF_WEEK) - 1
Selector = Callable[[Rule], frozenset[str] | None]
Kind = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hole:
    """Concerns without a rule: from these areas, through these channels, `always` or at some times."""

    areas: tuple[str, ...]
    channels: tuple[str, ...]
    always: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """`unreachable` has the index of each unreachable rule, with the earlier rules that take all of its concerns."""

    unreachable: dict[int, tuple[int, ...]]
    holes: dict[str, tuple[Hole, ...]]
    without_rule: tuple[str, ...]


def coverage(city: City) -> Coverage:
    """Go through the rules in order; each takes the minutes that it covers from each kind of concern."""
    kinds = list(_kinds(city))
    free = dict.fromkeys(kinds, ALWAYS)
    unreachable = {}
    minutes = [_minutes(rule.times) for rule in city.rules]
    for index, rule in enumerate(city.rules):
        own = [kind for kind in kinds if _covers(rule, kind)]
        if not any(free[kind] & minutes[index] for kind in own):
            unreachable[index] = _takers(city.rules, minutes, index, own)
        for kind in own:
            free[kind] &= ~minutes[index]
    return Coverage(unreachable, _holes(free), _without_rule(city))


def _kinds(city: City) -> Iterator[Kind]:
    areas = _groups(city.areas, city.rules, lambda rule: rule.areas)
    categories = _groups(city.categories, city.rules, lambda rule: rule.categories)
    channels = _groups(CHANNELS, city.rules, lambda rule: rule.channels)
    return product(areas, categories, channels)


def _groups(codes: Iterable[str], rules: Sequence[Rule], select: Selector) -> list[tuple[str, ...]]:
    groups: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    sets = [select(rule) for rule in rules]
    for code in codes:
        groups[tuple(some is None or code in some for some in sets)].append(code)
    return [tuple(group) for group in groups.values()]


def _covers(rule: Rule, kind: Kind) -> bool:
    sets = (rule.areas, rule.categories, rule.channels)
    return all(some is None or group[0] in some for some, group in zip(sets, kind, strict=True))


def _minutes(times: WeekTimes | None) -> int:
    if times is None:
        return ALWAYS
    bits = 0
    for start, end in times.spans:
        span = ((1 << (end - start)) - 1) << start
        bits |= (span & ALWAYS) | (span >> MINUTES_OF_WEEK)
    return bits


def _takers(rules: Sequence[Rule], minutes: Sequence[int], index: int, own: Sequence[Kind]) -> tuple[int, ...]:
    """Return the earlier rules that cover any of the same concerns."""
    return tuple(
        earlier
        for earlier in range(index)
        if minutes[earlier] & minutes[index] and any(_covers(rules[earlier], kind) for kind in own)
    )


def _holes(free: dict[Kind, int]) -> dict[str, tuple[Hole, ...]]:
    holes: dict[str, list[Hole]] = defaultdict(list)
    for (areas, categories, channels), minutes in free.items():
        if minutes:
            for category in categories:
                holes[category].append(Hole(areas, channels, minutes == ALWAYS))
    return {category: tuple(parts) for category, parts in holes.items()}


def _without_rule(city: City) -> tuple[str, ...]:
    return tuple(
        code
        for code in city.categories
        if not any(rule.categories is None or code in rule.categories for rule in city.rules)
    )
