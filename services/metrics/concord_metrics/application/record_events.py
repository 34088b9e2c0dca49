"""Event handlers: merge public events into facts and update the aggregates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Event
from concord_metrics.domain.aggregates import differences
from concord_metrics.domain.concern_facts import Fact, merge_event, merge_facts
from concord_metrics.ports import Store


def handlers(zone: tzinfo) -> Mapping[str, Handler]:
    """One handler for each public event; `zone` is the city's time zone, which defines the days."""

    def handle(events: Sequence[Event[Any]], work: Work[Store]) -> None:
        record_events(events, work.store, zone)

    return {message_type.name: handle for message_type in CATALOGUE.values() if message_type.public}


def record_events(events: Sequence[Event[Any]], store: Store, zone: tzinfo) -> None:
    """Merge events of distinct concerns into their facts, in every generation."""
    for generation in store.generations():
        known = generation.facts([event.partitionkey for event in events])
        merged = ((known[event.partitionkey], merge_event(known[event.partitionkey], event)) for event in events)
        _save(merged, generation, zone)
    store.save_recent(events)


def add_facts(facts: Sequence[Fact], store: Store, zone: tzinfo) -> None:
    """Merge facts of distinct concerns into those of a store."""
    known = store.facts([fact.concern_id for fact in facts])
    merged = ((known[fact.concern_id], merge_facts(known[fact.concern_id], fact)) for fact in facts)
    _save(merged, store, zone)


def _save(pairs: Iterable[tuple[Fact, Fact]], store: Store, zone: tzinfo) -> None:
    """Write the facts that have changed and add their differences to the aggregates."""
    changed = [(old, new) for old, new in pairs if new != old]
    store.save([new for _, new in changed])
    store.add(differences(changed, zone))
