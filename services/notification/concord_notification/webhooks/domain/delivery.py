"""One event for one endpoint, and its states: due → delivered, due again, or failed.

A crash during an attempt leaves it due. It goes out again under the same `webhook-id`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_bus.domain.retry import CLOCK_TOLERANCE
from concord_notification.webhooks.domain.receiver_response import MAX_RETRY_AFTER, ReceiverResponse, Verdict

RETRY_DELAYS = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 64800.0, 79200.0)
"""Seconds after each failed attempt: 5 s, 5 min, 30 min, 2, 5, 10, 14, 18 and 22 h. Ten attempts in three days."""
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
JITTER = 0.1

LONGEST_WAITS = tuple(
    timedelta(seconds=CLOCK_TOLERANCE + seconds)
    for seconds in (0.0, *(max(MAX_RETRY_AFTER, delay * (1 + JITTER)) for delay in RETRY_DELAYS))
)
"""The longest waits after 0, 1, 2 and more attempts, by the clock of another host."""


class DeliveryState(StrEnum):
    DUE = "due"
    DELIVERED = "delivered"
    FAILED = "failed"


class Failure(StrEnum):
    EXHAUSTED = "exhausted"  # every attempt failed
    GONE = "gone"  # the endpoint answered 410
    DISABLED = "disabled"  # no more attempts, or none at all, because the endpoint is disabled


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for an endpoint. `not_before` is the next attempt (UTC), `result` the summary of the last one."""

    endpoint_id: str
    event_id: str
    event_type: str
    queued_at: datetime
    not_before: datetime
    state: DeliveryState = DeliveryState.DUE
    attempts: int = 0
    failure: Failure | None = None
    result: str | None = None
    finished_at: datetime | None = None


def retry_delay(attempts: int, chance: float) -> float:
    """Return the seconds to the next attempt after `attempts` failures. `chance` is random in [0, 1)."""
    return RETRY_DELAYS[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)


def after_attempt(
    delivery: Delivery, response: ReceiverResponse, now: datetime, chance: float, waits_from: datetime | None = None
) -> Delivery:
    """Return the delivery after one more attempt. A wait begins at `waits_from`, without it at `now`."""
    attempted = replace(delivery, attempts=delivery.attempts + 1, result=response.summary)
    match response.verdict:
        case Verdict.ACCEPTED:
            return replace(attempted, state=DeliveryState.DELIVERED, finished_at=now)
        case Verdict.GONE:
            return failed(attempted, Failure.GONE, now)
        case Verdict.RETRY if attempted.attempts >= MAX_ATTEMPTS:
            return failed(attempted, Failure.EXHAUSTED, now)
        case Verdict.RETRY:
            wait = max(retry_delay(attempted.attempts, chance), response.retry_after or 0.0)
            return replace(attempted, not_before=(waits_from or now) + timedelta(seconds=wait))


def failed(delivery: Delivery, failure: Failure, now: datetime) -> Delivery:
    """Give up, until an operator replays the delivery."""
    return replace(delivery, state=DeliveryState.FAILED, failure=failure, finished_at=now)
