"""From events to facts and sums, and from sums to a summary."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Event
from concord_metrics.domain.aggregates import changes
from concord_metrics.domain.concern_facts import Fact, joined, merge
from concord_metrics.ports import Store


def handlers(zone: tzinfo) -> Mapping[str, Handler]:
    """One handler for each public event; `zone` is the city's, whose days the sums are kept by."""

    def take(events: Sequence[Event[Any]], work: Work[Store]) -> None:
        measure(events, work.store, zone)

    return {each.name: take for each in CATALOGUE.values() if each.public}


def measure(events: Sequence[Event[Any]], store: Store, zone: tzinfo) -> None:
    """Take in events of distinct concerns: raise their facts and move the sums by the difference."""
    for each in store.every():
        _raise(events, each, zone)
    store.note(events)


def _raise(events: Sequence[Event[Any]], store: Store, zone: tzinfo) -> None:
    known = store.facts([each.partitionkey for each in events])
    raised = ((known[each.partitionkey], merge(known[each.partitionkey], each)) for each in events)
    _keep([(old, new) for old, new in raised if new != old], store, zone)


def _keep(pairs: Sequence[tuple[Fact, Fact]], store: Store, zone: tzinfo) -> None:
    store.keep([new for _, new in pairs])
    store.add(changes(pairs, zone))


def take_facts(facts: Sequence[Fact], store: Store, zone: tzinfo) -> None:
    """Join facts of distinct concerns into a store and move its sums by the difference."""
    known = store.facts([each.concern_id for each in facts])
    raised = ((known[each.concern_id], joined(known[each.concern_id], each)) for each in facts)
    _keep([(old, new) for old, new in raised if new != old], store, zone)
