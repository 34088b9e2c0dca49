"""Rebuild of every measure from the stream of public events, in a second generation that then becomes the live one.

Several processes each read a range of the stream and merge its events into facts. `merge_facts` joins two facts of one
concern, so the split of the stream does not matter, and neither does an event that two processes read.

Meanwhile the service adds each new event to both generations. So the new one also holds the events that arrive after
the start of the rebuild, and none counts twice.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from concord_access.audit import Entry
from concord_bus.rebuild import RebuildError
from concord_contracts import BadMessage, Codec, Keyrings
from concord_metrics.application.record_events import add_facts
from concord_metrics.domain.concern_facts import Fact, merge_event, merge_facts
from concord_metrics.domain.log_comparison import LogComparison, MissingEvents
from concord_metrics.ports import GenerationMissing, Transaction

MAX_FACTS = 50_000
"""Facts in memory before a write, about 1.5 kB each."""
PAGE = 2_000
"""Facts in one transaction: on SQLite the service must not wait long for its turn to write."""
REPORT_EVERY = 5_000
MAX_WORKER_FACTS = 20_000


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """A range of stream offsets, both ends inclusive."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def split(self, parts: int) -> list["OffsetRange"]:
        """At most `parts` ranges of about the same length."""
        length = max(1, -(-self.length // parts))
        return [
            OffsetRange(first, min(first + length - 1, self.last)) for first in range(self.first, self.last + 1, length)
        ]


class FactBatch(NamedTuple):
    """Facts from one part of the stream, with the number of messages read and of messages skipped.

    `event_ids` are those of the events that were read.
    """

    facts: list[Fact]
    read: int
    skipped: int
    event_ids: list[str]


def begin(transaction: Transaction, restart: bool) -> None:
    """Start a new generation; from now on the service adds each event to it too. Raises RebuildError."""
    with transaction() as store:
        try:
            store.time_zone()
        except GenerationMissing:
            raise RebuildError("There are no live measures yet: start the service once.") from None
        if restart:
            store.end_rebuild()
        if not store.begin_rebuild():
            raise RebuildError("A rebuild is under way or did not finish: --restart starts it again.")


def abandon(transaction: Transaction) -> None:
    """Drop the new generation."""
    with transaction() as store:
        store.end_rebuild()


def handled_events(transaction: Transaction) -> dict[str, float]:
    """Ids of the events that the service has handled, with the Unix times (seconds) of their handling."""
    with transaction() as store:
        return store.handled_events()


def add_batches(
    transaction: Transaction,
    batches: Iterable[FactBatch],
    progress: Callable[[int], None],
    comparison: LogComparison,
) -> tuple[int, int]:
    """Write the batches into the new generation. Returns the numbers of events and of skipped messages.

    `progress` receives the number of messages of each batch, and `comparison` the ids of its events.
    """
    facts: dict[str, Fact] = {}
    events = skipped = 0
    for batch in batches:
        events, skipped = events + batch.read - batch.skipped, skipped + batch.skipped
        progress(batch.read)
        comparison.hold(batch.event_ids)
        for fact in batch.facts:
            known = facts.get(fact.concern_id)
            facts[fact.concern_id] = merge_facts(known, fact) if known else fact
        if len(facts) >= MAX_FACTS:
            _write(transaction, facts)
            facts = {}
    _write(transaction, facts)
    return events, skipped


def _write(transaction: Transaction, facts: dict[str, Fact]) -> None:
    """Merge these facts into the new generation, in short transactions."""
    remaining = iter(facts[concern_id] for concern_id in sorted(facts))
    while page := list(islice(remaining, PAGE)):
        with transaction() as store:
            add_facts(page, store.new_generation(), store.time_zone())


def switch(
    transaction: Transaction, missing: MissingEvents, allow_fewer: bool, actor: str, now: datetime
) -> tuple[int, int]:
    """Make the new generation live. Returns its number of concerns and that of the old one.

    The audit records `actor`. Without `allow_fewer` raises RebuildError for missing events, and for fewer concerns: the
    stream no longer holds all of them.
    """
    if missing.ids and not allow_fewer:
        raise RebuildError(
            f"The stream lacks {missing}. The live measures count these events. Keep them, or give --allow-fewer to "
            "switch over without these events."
        )
    with transaction() as store:
        concerns, before = store.new_generation().concern_count(), store.concern_count()
        if concerns < before and not allow_fewer:
            raise RebuildError(
                f"The stream holds {concerns:,} concerns and the live measures {before:,}: the stream no longer holds "
                "all of them. To switch over anyway and lose the others, give --allow-fewer."
            )
        store.switch()
        counts = {"concerns": concerns, "before": before, "missing_events": len(missing.ids)}
        store.audit.append(Entry(now, actor, "measures.rebuilt", "measures:live", counts))
    return concerns, before


def fold_events(messages: Iterable[tuple[int, bytes | None]]) -> Iterator[FactBatch]:
    """Merge the events of these messages into facts. Skips a message that no service accepts, which services park."""
    decode = Codec(Keyrings({})).decode
    facts: dict[str, Fact] = {}
    event_ids: list[str] = []
    read = skipped = 0
    for _, body in messages:
        read += 1
        try:
            if body is None:
                raise BadMessage("not accepted")
            event = decode(body)
        except BadMessage:
            skipped += 1
        else:
            event_ids.append(event.id)
            key = event.partitionkey
            facts[key] = merge_event(facts.get(key) or Fact(key), event)
        if read >= REPORT_EVERY:
            ready, facts = (facts, {}) if len(facts) >= MAX_WORKER_FACTS else ({}, facts)
            yield FactBatch(list(ready.values()), read, skipped, event_ids)
            event_ids = []
            read = skipped = 0
    yield FactBatch(list(facts.values()), read, skipped, event_ids)
