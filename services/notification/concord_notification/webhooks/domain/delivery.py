"""One event on its way to one endpoint: due → delivered, due again, or failed.

A crash at the moment of sending leaves it due, so that it is sent once more under the same `webhook-id`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_notification.webhooks.domain.receiver_response import Answer, Verdict

WAITS = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 64800.0, 79200.0)
"""Seconds after each failed attempt: 5 s, 5 min, 30 min, 2, 5, 10, 14, 18 and 22 h. Ten attempts in three days."""
MOST_ATTEMPTS = len(WAITS) + 1
JITTER = 0.1


class DeliveryState(StrEnum):
    DUE = "due"
    DELIVERED = "delivered"
    FAILED = "failed"


class Failure(StrEnum):
    EXHAUSTED = "exhausted"  # every attempt failed
    GONE = "gone"  # the endpoint answered 410
    DISABLED = "disabled"  # not attempted any more, or never, because the endpoint was disabled


@dataclass(frozen=True, slots=True)
class Delivery:
    """`not_before` is the time of the next attempt (UTC), `result` how the last one went."""

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


def wait_after(attempts: int, chance: float) -> float:
    """Seconds until the next attempt after `attempts` failed; `chance` is random in [0, 1)."""
    return WAITS[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)


def after(delivery: Delivery, answer: Answer, now: datetime, chance: float) -> Delivery:
    """The delivery after one more attempt."""
    tried = replace(delivery, attempts=delivery.attempts + 1, result=answer.words)
    match answer.verdict:
        case Verdict.TAKEN:
            return replace(tried, state=DeliveryState.DELIVERED, finished_at=now)
        case Verdict.GONE:
            return given_up(tried, Failure.GONE, now)
        case Verdict.LATER if tried.attempts >= MOST_ATTEMPTS:
            return given_up(tried, Failure.EXHAUSTED, now)
        case Verdict.LATER:
            wait = max(wait_after(tried.attempts, chance), answer.retry_after or 0.0)
            return replace(tried, not_before=now + timedelta(seconds=wait))


def given_up(delivery: Delivery, failure: Failure, now: datetime) -> Delivery:
    """Not attempted any more, until somebody replays it."""
    return replace(delivery, state=DeliveryState.FAILED, failure=failure, finished_at=now)
