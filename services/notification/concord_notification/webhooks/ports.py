"""What webhooks need of the world."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState
from concord_notification.webhooks.domain.endpoint import Confidence, Endpoint
from concord_notification.webhooks.domain.receiver_response import Answer


@dataclass(frozen=True, slots=True)
class Queued:
    """An event that endpoints are to get: the CloudEvent's JSON, byte for byte as it is sent."""

    id: str
    body: bytes
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """An endpoint claimed for a while, and what is due for it, oldest event first."""

    claim: str
    endpoint: Endpoint
    deliveries: Sequence[tuple[Delivery, bytes]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is. `oldest_due` is the `not_before` longest ago of what is due at active endpoints."""

    active: int = 0
    disabled: int = 0
    due: int = 0
    failed: int = 0
    oldest_due: datetime | None = None


class NotBound(Exception):
    """The broker did not bind or unbind; `problem` completes the sentence 'the binder …'. Remedy: try again later."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Webhooks(Protocol):
    """The tables of webhooks in one open transaction."""

    def turn_to_bind(self) -> None:
        """Wait until no other process binds; then none does until this transaction ends. Raises ResourceUnavailable.

        What is read afterwards in this transaction is as new as can be.
        """

    def endpoints(self) -> list[Endpoint]:
        """All, by name."""

    def endpoint(self, which: str) -> Endpoint | None:
        """The one with this id or name; no other process changes it meanwhile."""

    def add(self, endpoint: Endpoint) -> bool:
        """False when the name is taken."""

    def save(self, endpoint: Endpoint) -> None: ...

    def remove(self, endpoint_id: str) -> None:
        """With all its deliveries."""

    def give_up_due(self, endpoint_id: str, now: datetime) -> int:
        """What is due for an endpoint that was disabled fails; how many deliveries that were."""

    def queue(self, events: Sequence[Queued], deliveries: Sequence[Delivery]) -> None:
        """Keep events and deliveries; those that are known stay as they are."""

    def ready(self, now: datetime, busy: Collection[str], limit: int) -> list[Endpoint]:
        """Active endpoints with something due that nobody visits and that do not rest.

        The healthy first, and of each kind those whose last visit is longest ago.
        """

    def begin_visit(self, endpoint_id: str, claim: str, now: datetime, until: datetime, limit: int) -> Visit | None:
        """Claim an endpoint until then, with the oldest of what is due; None when there is nothing to do there now."""

    def visited(self, endpoint_id: str, claim: str) -> Endpoint | None:
        """The endpoint as it is now, if it is still held by this claim; no other process changes it meanwhile."""

    def end_visit(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> None:
        """Let the endpoint go; write it, and those of the deliveries that are still due."""

    def interrupted(self) -> int:
        """At start: let go what processes known to be dead had claimed; how many endpoints that were."""

    def deliveries(
        self, endpoint_id: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Delivery]:
        """Latest `(queued_at, event_id)` first, from `before` on (exclusive)."""

    def replay_one(self, endpoint_id: str, event_id: str, now: datetime) -> bool:
        """Make a delivery due anew, with all its attempts; False when there is none."""

    def replay_since(self, endpoint_id: str, since: datetime, states: Collection[DeliveryState], now: datetime) -> int:
        """The same for all in these states that were queued since then; how many."""

    def untold(self) -> list[Endpoint]:
        """Disabled endpoints whose contact has not been told yet."""

    def forget(self, delivered_before: datetime, failed_before: datetime, limit: int) -> int:
        """Drop at most `limit` deliveries finished before then, and what belongs to nothing; how many were dropped.

        To nothing belong deliveries due for an endpoint that was removed, and events without a delivery.
        """

    def standing(self) -> Standing: ...

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        """`(endpoint_id, sealed)` by ascending id, from `after` on (exclusive)."""

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """`(endpoint_id, old, new)`: replace what has not changed meanwhile."""


class Bindings(Protocol):
    """Which types of events the broker puts into the queue of webhooks. For one green thread at a time."""

    def open(self) -> None:
        """Have a connection, the former one if it is still there. Raises NotBound."""

    def follow(self, wanted: Collection[str], seconds: float) -> None:
        """Bind these types and unbind all others that may be bound. Raises NotBound.

        Nothing is unbound later than `seconds` from now: what is wanted may be known better by then.
        """

    def beat(self) -> None:
        """Keep the connection alive, once a second or so; nothing where there is none. Raises NotBound."""

    def close(self) -> None: ...

    def abort(self) -> None:
        """End the connection at once, also while another green thread waits on it."""


class Vault(Protocol):
    """Seals what of an endpoint nobody may read in the database."""

    def seal(self, confidence: Confidence) -> str: ...

    def open(self, sealed: str) -> Confidence:
        """Raises `concord_notification.notices.ports.Unreadable` when no key fits."""


class Line(Protocol):
    """The way to one receiver, for the length of a visit."""

    def post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """One attempt, within its deadline; raises nothing."""


class Post(Protocol):
    """Sends to receivers outside. The address is resolved, judged and connected to once for each visit."""

    def visit(self, url: str) -> AbstractContextManager[Line]: ...
