"""Every measure anew from the stream of public events, beside the live ones, which it then replaces.

Several processes each read a stretch of the stream and fold it into facts; two tellings of one concern are joined
(`fact.joined`), so it does not matter which process read which event, or that two read the same. Meanwhile the service
tells each event to both generations: what comes after the rebuilding has begun is in the new one too, from both sides
if need be, and so nothing is missing or double when the new one takes the old one's place.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from queue import Empty
from typing import Any

from concord_access.audit import Entry
from concord_bus.adapters.amqp.stream_reader import StreamReader
from concord_bus.adapters.sql.database import Database
from concord_bus.settings import BrokerAddress
from concord_contracts import BadMessage, Codec, Keyrings
from concord_metrics.adapters.fact_rows import fact_of, whole_row
from concord_metrics.adapters.repository import NothingThere, SqlStore
from concord_metrics.application.record_events import take_facts
from concord_metrics.domain.concern_facts import Fact, joined, merge

HELD = 50_000
"""Facts in memory at most, about 1.5 kB each, before they are written."""
PAGE = 2_000
"""Facts in one transaction: SQLite's only writer must not wait long."""
REPORT_EVERY = 5_000
WORKER_FACTS = 20_000
SILENCE_SECONDS = 60.0


class NotRebuilt(Exception):
    """The live measures stay as they are; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the stream: both numbers included."""

    first: int
    last: int

    def split(self, parts: int) -> list["Stretch"]:
        """At most `parts` stretches of about the same length."""
        length = max(1, -(-(self.last - self.first + 1) // parts))
        return [
            Stretch(first, min(first + length - 1, self.last)) for first in range(self.first, self.last + 1, length)
        ]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`skipped` are messages that services do not accept; `concerns` those in the new measures, `before` in the old."""

    events: int
    skipped: int
    concerns: int
    before: int


def begin(database: Database) -> None:
    """From now on the service tells each event to the new generation too. Raises NotRebuilt when one is under way."""
    with database.begin() as (_, store):
        try:
            store.zone()
        except NothingThere:
            raise NotRebuilt("There are no live measures yet: start the service once.") from None
        if not store.begin_building():
            raise NotRebuilt("A rebuilding is under way or was broken off: --restart begins it anew.")


def abandon(database: Database) -> None:
    """The live measures go on alone."""
    with database.begin() as (_, store):
        store.end_building()


def fill(
    database: Database,
    address: BrokerAddress,
    queue: str,
    stretch: Stretch,
    workers: int,
    progress: Callable[[int], None],
) -> tuple[int, int]:
    """Take a stretch of the stream into the new generation: how many events, and how many were skipped.

    `progress` is told how many messages more have been read. Raises NotRebuilt when a process fails.
    """
    held: dict[str, Fact] = {}
    events = skipped = 0
    with _reading(address, queue, stretch.split(workers)) as parts:
        for rows, read, passed in parts:
            events, skipped = events + read - passed, skipped + passed
            progress(read)
            for each in map(fact_of, rows):
                known = held.get(each.concern_id)
                held[each.concern_id] = joined(known, each) if known else each
            if len(held) >= HELD:
                write(database, held)
                held = {}
    write(database, held)
    return events, skipped


def write(database: Database, facts: dict[str, Fact]) -> None:
    """Join these facts into the new generation, in short transactions."""
    remaining = iter(facts[each] for each in sorted(facts))
    while page := list(islice(remaining, PAGE)):
        with database.begin() as (_, store):
            take_facts(page, store.building(), store.zone())


def switch(database: Database, fewer: bool, actor: str, now: datetime) -> tuple[int, int]:
    """The new generation becomes the live one: how many concerns it has and the old one had.

    The audit keeps that `actor` did it.

    Raises NotRebuilt when it has fewer, unless `fewer` allows it: the stream no longer holds all.
    """
    with database.begin() as (_, store):
        new = store.building().concerns()
        before = store.concerns()
        if new < before and not fewer:
            raise NotRebuilt(
                f"The stream tells of {new:,} concerns, the live measures of {before:,}: the stream no longer holds "
                "all of them. --allow-fewer switches over all the same and loses the others."
            )
        store.switch()
        counts = {"concerns": new, "before": before}
        store.audit.append(Entry(now, actor, "measures.rebuilt", "measures:live", counts))
    return new, before


Part = tuple[list[tuple[Any, ...]], int, int]
"""Facts as rows, which go from process to process at a tenth of the cost; messages read, messages skipped."""


@contextmanager
def _reading(address: BrokerAddress, queue: str, stretches: Sequence[Stretch]) -> Iterator[Iterator[Part]]:
    """A process for each stretch; what they have, as it comes."""
    context = multiprocessing.get_context("spawn")
    parts: Any = context.Queue(maxsize=4 * len(stretches))
    processes = [context.Process(target=_read, args=(address, queue, each, parts), daemon=True) for each in stretches]
    for each in processes:
        each.start()
    try:
        yield _collected(parts, len(processes))
    finally:
        for each in processes:
            each.terminate()
            each.join()


def _collected(parts: Any, running: int) -> Iterator[Part]:
    while running:
        try:
            part = parts.get(timeout=SILENCE_SECONDS)
        except Empty:
            raise NotRebuilt(f"Nothing was read for {SILENCE_SECONDS:.0f} s: see whether the broker is well.") from None
        if isinstance(part, str):
            raise NotRebuilt(part)
        if part is None:
            running -= 1
        else:
            yield part


def _read(address: BrokerAddress, queue: str, stretch: Stretch, parts: Any) -> None:
    """In a process of its own: fold a stretch into facts and hand them over now and then."""
    try:
        reader = StreamReader(address, "concord replay", queue)
        for part in folded(reader.read(stretch.first, stretch.last)):
            parts.put(part)
        reader.close()
        parts.put(None)
    except Exception as error:  # the edge of a process: the other side must hear of it
        parts.put(f"Reading the stream broke off ({type(error).__name__}): {error}")


def folded(messages: Iterable[tuple[int, bytes | None]]) -> Iterator[Part]:
    """Facts of the events in these messages; what no service accepts is passed over, as the live service parks it."""
    decode = Codec(Keyrings({})).decode
    facts: dict[str, Fact] = {}
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
            key = event.partitionkey
            facts[key] = merge(facts.get(key) or Fact(key), event)
        if read >= REPORT_EVERY:
            ready, facts = (facts, {}) if len(facts) >= WORKER_FACTS else ({}, facts)
            yield list(map(whole_row, ready.values())), read, skipped
            read = skipped = 0
    yield list(map(whole_row, facts.values())), read, skipped


def open_database(url: str) -> Database:
    """The metrics database. Raises ValueError for one of another kind."""
    return Database(url, SqlStore)
