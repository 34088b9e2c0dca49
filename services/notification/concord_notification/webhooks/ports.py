"""The interfaces between webhooks and the outside: database, broker, vault, HTTP and metrics."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from concord_access.ports import AuditLog
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState
from concord_notification.webhooks.domain.endpoint import DisableReason, Endpoint, EndpointSecrets
from concord_notification.webhooks.domain.receiver_response import ReceiverResponse


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event for endpoints: the CloudEvent's JSON, byte for byte as receivers get it."""

    id: str
    body: bytes
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryBatch:
    """A claimed endpoint and its due deliveries with their bodies, oldest event first."""

    claim: str
    endpoint: Endpoint
    deliveries: Sequence[tuple[Delivery, bytes]]


@dataclass(frozen=True, slots=True)
class WebhookCounts:
    """The counts for metrics. `oldest_due` is the earliest `not_before` of due deliveries at active endpoints."""

    active: int = 0
    disabled: int = 0
    due: int = 0
    failed: int = 0
    oldest_due: datetime | None = None


class BindingFailed(Exception):
    """The broker did not bind or unbind. `problem` completes "the binder …". Remedy: try again later."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class WebhookStore(Protocol):
    """The tables of webhooks in one open transaction."""

    def binding_lock(self) -> None:
        """Wait for the lock on the bindings; it ends with this transaction. Raises ResourceUnavailable.

        Later reads in this transaction see all commits of earlier holders.
        """

    def endpoints(self) -> list[Endpoint]:
        """Return all endpoints by name."""

    def endpoint(self, id_or_name: str) -> Endpoint | None:
        """Lock and return the endpoint with this id or name."""

    def add(self, endpoint: Endpoint) -> bool:
        """Insert an endpoint. Return False when another one has its name."""

    def save(self, endpoint: Endpoint) -> None: ...

    def remove(self, endpoint_id: str) -> None:
        """Delete an endpoint with all its deliveries."""

    def fail_due(self, endpoint_id: str, now: datetime) -> int:
        """Fail the due deliveries of a disabled endpoint. Return their number."""

    def queue(self, events: Sequence[QueuedEvent], deliveries: Sequence[Delivery]) -> None:
        """Insert new events and deliveries; existing ones stay as they are."""

    def ready(self, now: datetime, busy: Collection[str], limit: int) -> list[Endpoint]:
        """Return active endpoints with due deliveries, no claim and no pause; without those in `busy`.

        Endpoints without failures come first, then those with the longest time since their last batch.
        """

    def claim(self, endpoint_id: str, claim: str, now: datetime, until: datetime, limit: int) -> DeliveryBatch | None:
        """Claim an endpoint with its oldest due deliveries; None when nothing is due there now."""

    def claimed(self, endpoint_id: str, claim: str) -> Endpoint | None:
        """Lock and return the endpoint if this claim still holds it."""

    def finish(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> None:
        """Save the endpoint without its claim, and those of the deliveries that are still due."""

    def end_overlong_waits(self, now: datetime, lease: timedelta) -> int:
        """Make due at `now` what waits longer than its attempts, a pause or a lease allow, and return the number.

        Clocks may differ by CLOCK_TOLERANCE.
        """

    def release_interrupted(self) -> int:
        """End the claims of stopped processes, at start. Return the number of endpoints released."""

    def deliveries(
        self, endpoint_id: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Delivery]:
        """Return deliveries, latest `(queued_at, event_id)` first, from `before` on (exclusive)."""

    def replay_one(self, endpoint_id: str, event_id: str, now: datetime) -> bool:
        """Make a delivery due again, with all its attempts. Return False when there is none."""

    def replay_since(self, endpoint_id: str, since: datetime, states: Collection[DeliveryState], now: datetime) -> int:
        """Make all deliveries in these states, with `queued_at` from `since` on, due again. Return their number."""

    def unnotified(self) -> list[Endpoint]:
        """Return disabled endpoints whose contact has no mail about it yet."""

    def delete_old(self, delivered_before: datetime, failed_before: datetime, limit: int) -> int:
        """Delete at most `limit` finished deliveries and all orphans. Return the number of deliveries deleted.

        Orphans are due deliveries of a removed endpoint, and events without a delivery.
        """

    def counts(self) -> WebhookCounts: ...


class Store(Protocol):
    """The service's store, as far as webhooks use it."""

    @property
    def webhooks(self) -> WebhookStore: ...

    @property
    def audit(self) -> AuditLog: ...


class Bindings(Protocol):
    """The event types that the broker puts into the queue of webhooks. For one green thread at a time."""

    def open(self) -> None:
        """Connect, unless a connection is open. Raises BindingFailed."""

    def replace(self, types: Collection[str], seconds: float) -> None:
        """Bind these types and unbind all others. Raises BindingFailed.

        No unbinding begins later than `seconds` from now, because another process may know a newer list by then.
        """

    def heartbeat(self) -> None:
        """Keep the connection alive; call it about once a second. Raises BindingFailed."""

    def close(self) -> None: ...

    def abort(self) -> None:
        """End the connection at once, also while another green thread waits on it."""


class EndpointVault(Protocol):
    """Encrypts the secrets and contacts of endpoints."""

    def seal(self, secrets: EndpointSecrets) -> str: ...

    def open(self, sealed: str) -> EndpointSecrets:
        """Decrypt. Raises VaultUnreadable when no key fits."""


class HttpConnection(Protocol):
    """The connection to one receiver, for one batch."""

    def post(self, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        """Make one attempt within its deadline. Raises nothing."""


class HttpSession(Protocol):
    """Connects to receivers. It looks the host up and checks its addresses once for each batch."""

    def connect(self, url: str) -> AbstractContextManager[HttpConnection]: ...


class Metrics(Protocol):
    """Counts the progress of webhooks."""

    def count_attempt(self, response: ReceiverResponse) -> None: ...

    def observe_delivery(self, seconds: float) -> None:
        """Record the seconds from queueing to the receiver's acceptance."""

    def count_disabled(self, reason: DisableReason) -> None: ...

    def set_unreadable(self, number: int) -> None:
        """Set the number of active endpoints whose secrets no key decrypts."""


Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host and TCP port. Raises OSError."""
