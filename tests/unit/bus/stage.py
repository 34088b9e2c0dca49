"""A small service on the memory spine: it writes down what took effect and fails when it is told to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.memory.bus import MemoryDatabase, memory_codec

from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.domain.retry import RetryPolicy
from concord_bus.domain.stored_messages import Parked, Waiting
from concord_bus.metrics import Instruments
from concord_bus.pipeline.pipeline import Pipeline
from concord_bus.ports import Handler
from concord_contracts import Event, new_event
from concord_contracts import messages as m

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CODEC = memory_codec()
UNROUTABLE, RECEIVED = "concern.unroutable.v1", "concern.received.v1"


def unroutable(concern: str = "c1", sequence: int = 1, **changes: Any) -> Event[Any]:
    data = m.ConcernUnroutable(
        concern_id=concern,
        case_id=f"case of {concern}",
        category="noise",
        channel="web",
        reason="outside",
        received_at=AT,
        decided_at=AT,
    )
    return replace(new_event(data, sequence=sequence, time=AT), **changes)


def received(concern: str = "c1", sequence: int = 1, **changes: Any) -> Event[Any]:
    data = m.ConcernReceived(
        concern_id=concern,
        category="noise",
        channel="web",
        received_at=AT,
        occurred_at=None,
        place="none",
        point=None,
    )
    return replace(new_event(data, sequence=sequence, time=AT), **changes)


def delivery(event: Event[Any], queue: str = "test.events", redelivered: bool = False, **changes: Any) -> Delivery:
    encoded = CODEC.encode(event)
    properties = {"content_type": ACCEPTED_TYPE}
    made = Delivery(queue, encoded.exchange, encoded.routing_key, encoded.body, {}, properties, redelivered)
    return replace(made, **changes)


class Killed(BaseException):
    """Stands for a process that ends: nothing in it may be caught and dealt with."""


@dataclass
class Effects:
    """The service's store: ids of the events that took effect, in order."""

    done: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """The pipeline with a clock set by hand. `on` says what handling an event id raises, given the attempt."""

    policy: RetryPolicy = field(default_factory=lambda: RetryPolicy(first_delay=1, factor=2, jitter=0, max_attempts=4))
    on: dict[str, Callable[[], None]] = field(default_factory=dict)
    now: datetime = AT
    calls: list[list[str]] = field(default_factory=list)
    committed: int = 0

    def __post_init__(self) -> None:
        self.effects = Effects()
        self.database = MemoryDatabase(self.effects, lambda: self.now)
        self.instruments = Instruments.unregistered()
        self.handlers: dict[str, Handler] = {UNROUTABLE: self.handle, RECEIVED: self.handle}
        self._at_death: dict[str, int] = {}
        self.restart()

    def restart(self) -> None:
        """A new process on the same database, as the old one left it."""
        self.database.tables.suspects = self._at_death
        self.pipeline = Pipeline(
            self.database,
            CODEC,
            self.handlers,
            clock=lambda: self.now,
            policy=self.policy,
            instruments=self.instruments,
            chance=lambda: 0.0,
            committed=self._on_commit,
        )

    def handle(self, events: Sequence[Event[Any]], work: Any) -> None:
        self.calls.append([event.id for event in events])
        assert len({event.type for event in events}) == 1
        assert len({event.partitionkey for event in events}) == len(events)
        for event in events:
            work.store.done.append(event.id)
            work.publish(received(event.partitionkey, id=f"answer to {event.id}"))
            if event.id in self.on:
                self.on[event.id]()

    def take(self, *deliveries: Delivery) -> None:
        self.pipeline.take(deliveries)

    def pass_time(self, seconds: float) -> int:
        """Let time pass and try again what is due."""
        self.now += timedelta(seconds=seconds)
        return self.pipeline.retry_due()

    def let(self, event: Event[Any], *outcomes: BaseException | None) -> None:
        """The n-th attempt at `event` raises the n-th outcome; the last one repeats."""
        left = list(outcomes)

        def act() -> None:
            outcome = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(outcome, Killed):
                self._at_death = dict(self.database.tables.suspects)  # no `finally` runs in a process that is gone
            if outcome is not None:
                raise outcome

        self.on[event.id] = act

    def fail(self, event: Event[Any], seconds: float) -> None:
        """Every attempt at `event` fails in the first so many seconds."""

        def act() -> None:
            if self.now < AT + timedelta(seconds=seconds):
                raise ValueError

        self.on[event.id] = act

    @property
    def done(self) -> list[str]:
        return self.effects.done

    @property
    def parked(self) -> list[Parked]:
        return list(self.database.tables.parked.values())

    @property
    def waiting(self) -> list[Waiting]:
        return list(self.database.tables.waiting.values())

    @property
    def published(self) -> list[str]:
        return [row.event_id for row in self.database.tables.outbox.values()]

    def _on_commit(self) -> None:
        self.committed += 1
