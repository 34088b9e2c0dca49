"""Decides many concerns at once by one city's rules."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from concord_city.domain.comparison import Comparison, Decision, PastConcern
from concord_city.domain.deadlines import promise
from concord_city.domain.model import (
    MINUTES_OF_WEEK,
    Assignment,
    City,
    Located,
    Promise,
    Rule,
    Span,
    Unroutable,
    WorkingHours,
)
from concord_city.domain.rule_matching import decide, minute_of_week
from concord_city.locator import Locator

BATCH = 10_000
"""Concerns that `compare` holds at a time: enough for the vectorised search of areas, little memory."""

Terms = tuple[Span, Span, WorkingHours, str]
Key = tuple[Located, str, str, int]


class DueTimes:
    """Promises by their terms and the time of receipt. Two cities share it: most of their rules promise alike."""

    def __init__(self) -> None:
        self._terms: dict[Terms, int] = {}
        self._known: dict[tuple[int, datetime], Promise] = {}

    def number(self, city: City, rule: Rule) -> int:
        """Return a number for the rule's promises. Rules with equal spans, hours and zone have the same one."""
        terms = rule.acknowledge, rule.respond, city.working_hours, city.time_zone
        return self._terms.setdefault(terms, len(self._terms))

    def promise(self, terms: int, city: City, rule: Rule, received_at: datetime) -> Promise:
        key = terms, received_at
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = promise(city, rule, received_at)
        return known

    def forget(self) -> None:
        """Drop the promises, for flat memory."""
        self._known.clear()


class Decider:
    """Decides concerns as routing does, and remembers the rule of concerns that are alike.

    Concerns are alike with the same area, category and channel at times of the week that all rules treat the same.
    """

    def __init__(self, city: City, due_times: DueTimes | None = None) -> None:
        self._city = city
        self._due_times = due_times or DueTimes()
        self._terms = [self._due_times.number(city, rule) for rule in city.rules]
        self._zone = city.zone
        self._locator = Locator(city)
        self._periods = _periods(city)
        self._verdicts: dict[Key, Assignment | Unroutable] = {}
        self._rules = [rule.name or f"rule {number}" for number, rule in enumerate(city.rules, start=1)]

    def decide_all(self, concerns: Sequence[PastConcern]) -> list[Decision]:
        """Return the decision for each concern, in order. The promises count from its receipt."""
        places = self._locator.locate_all([concern.point for concern in concerns])
        return [self._decision(concern, located) for concern, located in zip(concerns, places, strict=True)]

    def _decision(self, concern: PastConcern, located: Located) -> Decision:
        verdict = self._verdict(concern, located)
        if isinstance(verdict, Unroutable):
            return Decision(located.area, reason=verdict.reason)
        index = verdict.rule_index
        due = self._due_times.promise(self._terms[index], self._city, self._city.rules[index], concern.received_at)
        return Decision(located.area, verdict.team, rule=self._rules[index], promise=due)

    def _verdict(self, concern: PastConcern, located: Located) -> Assignment | Unroutable:
        period = self._periods[minute_of_week(concern.rule_time, self._zone)] if self._periods else 0
        key = located, concern.category, concern.channel, period
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = decide(self._city, located, concern.category, concern.channel, concern.rule_time)
            self._verdicts[key] = verdict
        return verdict


def compare(now: City, new: City, concerns: Iterable[PastConcern]) -> Iterator[Comparison]:
    """Yield the comparison of both cities' decisions about each concern, in order."""
    due_times = DueTimes()
    deciders = Decider(now, due_times), Decider(new, due_times)
    rest = iter(concerns)
    while batch := list(islice(rest, BATCH)):
        before, after = (decider.decide_all(batch) for decider in deciders)
        yield from map(Comparison, batch, before, after)
        due_times.forget()


def _periods(city: City) -> list[int]:
    """Return a number for each minute of the week; the same rules apply in minutes of one number. Empty without times.

    The first minute of a period stands for it.
    """
    times = [rule.times for rule in city.rules if rule.times is not None]
    if not times:
        return []
    first: dict[tuple[bool, ...], int] = {}
    minutes = range(MINUTES_OF_WEEK)
    return [first.setdefault(tuple(each.includes(minute) for each in times), minute) for minute in minutes]
