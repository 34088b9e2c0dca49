"""Records what did not take effect: a message that waits for another attempt, or that is parked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from concord_bus.domain.delivery import DecodedDelivery, Delivery
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ParkMessage, ResourceUnavailable
from concord_bus.domain.retry import RetryPolicy
from concord_bus.metrics import Instruments
from concord_bus.ports import BusDatabase, Clock
from concord_contracts import Event

log = structlog.get_logger("concord.pipeline")


@dataclass(eq=False)
class FailureRecords:
    """Writes each record in a transaction of its own. Its methods raise DatabaseUnavailable."""

    database: BusDatabase
    policy: RetryPolicy
    clock: Clock
    chance: Callable[[], float]
    instruments: Instruments

    def failed_alone(self, readable: Sequence[DecodedDelivery], error: Exception) -> None:
        """Record that a new message failed alone. Raises ResourceUnavailable for an unreadable one, which must stay
        with the broker."""
        if not readable:
            raise ResourceUnavailable("database") from error
        received = readable[0]
        if isinstance(error, ParkMessage):
            self.park(received.delivery, error.reason, 1, received.event)
        elif self.policy.exhausted(1):
            self.park(received.delivery, f"failed: {error_location(error)}", 1, received.event)
        else:
            self._postpone(received, error)

    def park(
        self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None, waited_as: int | None = None
    ) -> None:
        """Park a message, and remove the waiting row `waited_as` in the same transaction."""
        with self.database.begin() as (tx, _):
            tx.park(delivery, reason, attempts, event)
            if waited_as is not None:
                tx.remove_waiting(waited_as)
        self.report_parked(delivery, reason, attempts)

    def report_parked(self, delivery: Delivery, reason: str, attempts: int) -> None:
        """Count and log a parked message after the commit."""
        self.instruments.parked.inc()
        log.error("message parked", queue=delivery.queue, reason=reason, attempts=attempts)

    def _postpone(self, received: DecodedDelivery, error: Exception) -> None:
        later = self.clock().timestamp() + self.policy.delay(1, self.chance())
        with self.database.begin() as (tx, _):
            tx.wait(received.delivery, received.event, 1, later)
        self.instruments.retried.labels(received.event.type).inc()
        log.warning("message failed, will be retried", id=received.event.id, cause=error_location(error))
