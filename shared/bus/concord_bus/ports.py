"""The ports of the bus, and what it gives to a service's handlers."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.parked_messages import OperatorAction, ParkedFilter
from concord_bus.domain.stored_messages import Depths, Outgoing, Parked, Waiting
from concord_contracts import Encoded, Event

S = TypeVar("S", covariant=True)
T = TypeVar("T")

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC."""


def utc_now() -> datetime:
    """The current time in UTC: the default `Clock`."""
    return datetime.now(UTC)


class Work(Protocol[S]):
    """One open transaction: the service's own store and the outbox, committed together or not at all."""

    @property
    def store(self) -> S:
        """The service's store, bound to this transaction."""

    @property
    def now(self) -> datetime:
        """When this work began, UTC."""

    def publish(self, *events: Event[Any]) -> None:
        """Put events into the outbox of this transaction."""


Begin = Callable[[], AbstractContextManager[Work[T]]]
"""Opens a transaction on a store: commits at the end, rolls back on an exception. Raises DatabaseUnavailable."""

Read = Callable[[], AbstractContextManager[T]]
"""Opens a consistent view of a store, for reading only. Raises DatabaseUnavailable."""


class Transactions(Protocol):
    """The two ways to open a service's store. `BusRuntime` implements it."""

    def work(self) -> AbstractContextManager[Work[Any]]:
        """See `Begin`."""

    def read(self) -> AbstractContextManager[Any]:
        """See `Read`."""


Handler = Callable[[Sequence[Event[Any]], Any], None]
"""Handles events of one type and of distinct concerns, with a Work. The module `pipeline` lists what it may raise."""


class Parking(Protocol):
    """The messages that wait for a person, inside one open database transaction."""

    def park(self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None) -> None:
        """Keep a message, byte for byte, for a person to look at.

        Nothing happens when it is a redelivery of one that is parked: its acknowledgement was lost, not the message.
        """

    def parked(self, limit: int, after: int = 0) -> list[Parked]:
        """Parked messages, oldest first."""

    def find_parked(self, wanted: ParkedFilter, limit: int, before: int | None = None) -> list[Parked]:
        """Parked messages that are meant, newest first, with ids below `before`."""

    def parked_message(self, parked_id: int) -> Parked | None:
        """One message, still parked, replayed or dropped; None when there never was one or it is deleted."""

    def replay_parked(self, parked_id: int, partition_key: str, at: float) -> bool:
        """Move a parked message to those that wait, due `at`, as one of the concern `partition_key`.

        False when it is not parked any more. The inbox still knows its event: what took effect has no second one.
        """

    def drop_parked(self, parked_id: int) -> bool:
        """Nobody need look at it any more; it is kept until `delete_settled`. False when it is not parked any more."""

    def delete_settled(self, before: float, limit: int = 100) -> int:
        """Delete messages replayed or dropped before `before` (epoch seconds), at most `limit`; how many were deleted.

        Reason, headers and body go; what operators did to them stays. What is still parked stays however old it is.
        """

    def note_action(self, action: OperatorAction) -> None:
        """Keep what an operator did, in the transaction in which it is done."""

    def actions_on(self, subject: str) -> list[OperatorAction]:
        """What operators did to one thing, oldest first."""


class Transaction(Parking, Protocol):
    """The spine's tables inside one open database transaction."""

    def add_to_inbox(self, event_ids: Sequence[str]) -> set[str]:
        """Record the ids in the inbox; return those that were not there before."""

    def waiting_keys(self, keys: Sequence[str]) -> set[str]:
        """Which of these concerns have a message that waits."""

    def wait(self, delivery: Delivery, event: Event[Any], attempts: int, next_attempt_at: float) -> None:
        """Keep a message for later; nothing happens when it is kept already."""

    def due(self, now: float, limit: int) -> list[Waiting]:
        """The first waiting message of each concern whose time has come."""

    def claim(self, seq: int, now: float, next_attempt_at: float) -> bool:
        """Count an attempt before it is made; False when another process took it or it is gone."""

    def release(self, seq: int, next_attempt_at: float) -> None:
        """The claimed attempt could not be made, for a reason that is not the message's: it does not count."""

    def remove_waiting(self, seq: int) -> None:
        """A waiting message took effect or was parked: remove it."""

    def mark_suspect(self, fingerprint: str) -> int:
        """Note that a message that came back is about to be handled; how often that was noted before."""

    def clear_suspect(self, fingerprint: str) -> None:
        """The process survived it."""

    def enqueue(self, events: Iterable[tuple[Event[Any], Encoded]]) -> None:
        """Append to the outbox."""

    def outgoing(self, above: int, limit: int, now: float) -> list[Outgoing]:
        """Outbox rows after `above` that are not postponed, in order."""

    def remove_confirmed(self, seqs: Sequence[int]) -> None:
        """Remove outbox rows that the broker has confirmed."""

    def postpone(self, seq: int, until: float) -> None:
        """Let an outbox row rest; others pass by."""

    def depths(self) -> Depths: ...

    def forget(self, before: float, limit: int = 10_000) -> int:
        """Drop at most `limit` inbox entries older than `before` (epoch seconds); how many were dropped."""


class BusDatabase(Protocol):
    """Opens transactions on a service's database."""

    def begin(self) -> AbstractContextManager[tuple[Transaction, Any]]:
        """A transaction and the service's store in it; commits at the end, rolls back on an exception.

        Raises ResourceUnavailable when the database is away.
        """
