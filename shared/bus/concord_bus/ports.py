"""The ports of the bus, and the types of what it passes to a service's handlers."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.parked_messages import OperatorAction, ParkedFilter
from concord_bus.domain.refusals import Destination
from concord_bus.domain.stored_messages import Claim, Depths, Outgoing, Parked, Waiting
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
        """The service's store in this transaction."""

    @property
    def now(self) -> datetime:
        """The start of this work, aware, in UTC."""

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
    """The parked messages of a service, inside one open database transaction."""

    def park(self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None) -> None:
        """Store a message, byte for byte, for an operator.

        Nothing happens when it is a redelivery of a parked message: the broker lost the ack, not the message.
        """

    def still_parked(self, fingerprints: Collection[str]) -> set[str]:
        """Return those fingerprints whose messages are parked."""

    def parked(self, limit: int, after: int = 0) -> list[Parked]:
        """Return at most `limit` parked messages with ids above `after`, oldest first."""

    def find_parked(self, wanted: ParkedFilter, limit: int, before: int | None = None) -> list[Parked]:
        """Return at most `limit` parked messages that match, newest first, with ids below `before`."""

    def parked_message(self, parked_id: int) -> Parked | None:
        """Return one message, still parked, replayed or dropped; None for an unknown or deleted id."""

    def replay_parked(self, parked_id: int, partition_key: str, at: float) -> bool:
        """Move a parked message to the waiting ones, due `at` (epoch seconds), under the concern `partition_key`.

        Returns False for a message that is no longer parked. The inbox still knows its event, so an event that took
        effect has no second effect.
        """

    def drop_parked(self, parked_id: int) -> bool:
        """Mark a message as dropped, until `delete_settled` deletes it. Returns False for one that is no longer
        parked."""

    def delete_settled(self, before: float, limit: int = 100) -> int:
        """Delete at most `limit` messages that an operator replayed or dropped before `before`, in epoch seconds.

        Returns the number deleted. Reason, headers and body go; the record of the operator's action stays. Parked
        messages stay, however old.
        """

    def note_action(self, action: OperatorAction) -> None:
        """Record an operator's action, in the same transaction as the action itself."""

    def actions_on(self, subject: str) -> list[OperatorAction]:
        """Return the operators' actions on one subject, oldest first."""


class Transaction(Parking, Protocol):
    """The tables of the bus inside one open database transaction."""

    def add_to_inbox(self, event_ids: Sequence[str]) -> set[str]:
        """Record event ids in the inbox and return the new ones."""

    def waiting_keys(self, keys: Sequence[str]) -> set[str]:
        """Return the concerns among `keys` that have a waiting message."""

    def wait(self, delivery: Delivery, event: Event[Any], attempts: int, next_attempt_at: float) -> None:
        """Store a message for a later attempt, due `next_attempt_at` (epoch seconds). A second call changes nothing."""

    def due(self, now: float, limit: int) -> list[Waiting]:
        """Return the first waiting message of each concern that is due at `now`, at most `limit`."""

    def claim(self, claim: Claim, now: float) -> bool:
        """Count an attempt before the pipeline makes it. Returns False when another process has the message."""

    def release(self, claim: Claim, next_attempt_at: float) -> None:
        """Take back a claimed attempt: a resource was away, so it does not count.

        Nothing happens when the claim was not committed, or another one followed.
        """

    def end_overlong_waits(self, now: float, longest: Sequence[float]) -> int:
        """Make due at `now` what waits for more than `longest` seconds by its attempts, and return the number.

        The last entry holds for all later attempts. Clocks may differ by `CLOCK_TOLERANCE`.
        """

    def remove_waiting(self, seq: int) -> None:
        """Remove a waiting message that took effect or is now parked."""

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return those ids that the inbox holds: their events took effect."""

    def suspect_notes(self, fingerprints: Collection[str]) -> dict[str, int]:
        """Return the notes on redelivered messages, without those that have none."""

    def note_suspects(self, notes: Mapping[str, int]) -> None:
        """Write the notes on redelivered messages that are about to run."""

    def clear_suspects(self, fingerprints: Collection[str]) -> None:
        """Remove the notes: the process survived the messages."""

    def enqueue(self, events: Iterable[tuple[Event[Any], Encoded]]) -> None:
        """Append events to the outbox."""

    def outgoing(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]:
        """Return at most `limit` outbox rows after `above` that are for none of these destinations, in order."""

    def outgoing_to(self, which: Destination, above: int, limit: int) -> list[Outgoing]:
        """Return at most `limit` outbox rows after `above` for one destination, in order."""

    def remove_confirmed(self, seqs: Sequence[int]) -> None:
        """Remove the outbox rows that the broker has confirmed."""

    def depths(self) -> Depths: ...

    def forget(self, before: float, limit: int = 10_000) -> int:
        """Delete at most `limit` inbox entries older than `before` (epoch seconds), and return their number."""


class BusDatabase(Protocol):
    """A service's database with the tables of the bus."""

    def begin(self) -> AbstractContextManager[tuple[Transaction, Any]]:
        """Open a transaction with the service's store: commits at the end, rolls back on an exception.

        Raises ResourceUnavailable when the database does not respond.
        """
