"""One notice on its way to one contact: due → sending → delivered, due again, or failed.

`sending` is committed before the attempt is made. A row found in `sending` after its time is over belongs to a
process that died at that moment: nobody knows whether the mail went out, so it is sent once more and marked
`uncertain`.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_bus.domain.retry import RetryPolicy
from concord_notification.domain.concern import Concern

NOTICE = "acknowledgement"
MEDIUM = "email"

MAIL_RETRIES = RetryPolicy(first_delay=10.0, factor=4.0, max_delay=4 * 3600.0, max_attempts=10)
"""10 s, 40 s, 3 min … 4 h: given up about 15 hours after the first attempt."""


class State(StrEnum):
    DUE = "due"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    OVERTAKEN = "overtaken"  # replaced after its mail may have gone out; others that are replaced are not kept


class Failure(StrEnum):
    REFUSED = "refused"  # the mail server will never take it
    EXHAUSTED = "exhausted"  # every attempt failed for a passing cause
    NO_ADDRESS = "no_address"  # the contact has no e-mail address


@dataclass(frozen=True, slots=True)
class Delivery:
    """`not_before` is the time of the next attempt while due, and the end of the claim while sending (UTC)."""

    id: str
    concern_id: str
    contact_id: str
    cause_id: str
    language: str
    due_at: datetime
    not_before: datetime
    state: State = State.DUE
    attempts: int = 0
    uncertain: bool = False
    claim: str | None = None
    failure: Failure | None = None
    finished_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.state in (State.DELIVERED, State.FAILED)


def delivery_id(concern_id: str, contact_id: str, cause_id: str) -> str:
    """The same for the same notice, however often it is asked for: this is what makes it unique."""
    return hashlib.sha256("\0".join((concern_id, contact_id, cause_id)).encode()).hexdigest()[:32]


def acknowledgement(concern: Concern, language: str, now: datetime) -> Delivery:
    """The acknowledgement that is due once both contact and decision are known.

    It became due when the later of the two came to be, which does not depend on the order of arrival.
    """
    contact, decision = concern.contact, concern.decision
    return Delivery(
        id=delivery_id(contact.concern_id, contact.event_id, decision.event_id),
        concern_id=contact.concern_id,
        contact_id=contact.event_id,
        cause_id=decision.event_id,
        language=language,
        due_at=min(now, max(contact.given_at, decision.decided_at)),
        not_before=now,
    )


def overtaken(delivery: Delivery, concern: Concern) -> bool:
    """Whether a later event or a later contact has replaced what this notice would tell."""
    return (delivery.contact_id, delivery.cause_id) != (concern.contact.event_id, concern.decision.event_id)


def doubtful(delivery: Delivery) -> bool:
    """Whether its mail may have gone out without anybody knowing; asked of one that nobody is sending now."""
    return delivery.uncertain or delivery.state is State.SENDING


def replaced(delivery: Delivery, now: datetime) -> Delivery:
    """Not sent any more, but kept and counted: its mail may have gone out at the moment of a crash."""
    return replace(delivery, state=State.OVERTAKEN, uncertain=True, claim=None, finished_at=now)


def claimed(delivery: Delivery, claim: str, now: datetime, lease: timedelta) -> Delivery:
    """About to be sent by the holder of `claim`, who has until the end of the lease to say how it went."""
    return replace(
        delivery,
        state=State.SENDING,
        attempts=delivery.attempts + 1,
        uncertain=doubtful(delivery),
        claim=claim,
        not_before=now + lease,
    )


def given_back(delivery: Delivery, now: datetime) -> Delivery:
    """Claimed, but the attempt was never begun: as if it had not been claimed."""
    return replace(delivery, state=State.DUE, attempts=delivery.attempts - 1, claim=None, not_before=now)


def delivered(delivery: Delivery, now: datetime) -> Delivery:
    """Handed over to the mail server."""
    return replace(delivery, state=State.DELIVERED, claim=None, finished_at=now)


def deferred(
    delivery: Delivery, now: datetime, policy: RetryPolicy, chance: float, *, unsure: bool = False
) -> Delivery:
    """The attempt failed for a passing cause; `unsure` means that the mail may have gone out all the same."""
    if policy.exhausted(delivery.attempts):
        return failed(delivery, Failure.EXHAUSTED, now)
    later = now + timedelta(seconds=policy.delay(delivery.attempts, chance))
    uncertain = delivery.uncertain or unsure
    return replace(delivery, state=State.DUE, claim=None, not_before=later, uncertain=uncertain)


def failed(delivery: Delivery, failure: Failure, now: datetime) -> Delivery:
    """Given up after this attempt."""
    return replace(delivery, state=State.FAILED, failure=failure, claim=None, finished_at=now)


def spent(delivery: Delivery, now: datetime) -> Delivery:
    """Given up without this attempt: a process died at the last one allowed."""
    return replace(failed(delivery, Failure.EXHAUSTED, now), attempts=delivery.attempts - 1)


def unsendable(delivery: Delivery, failure: Failure, now: datetime) -> Delivery:
    """Given up without any attempt: there is nothing to send to, so nothing can have gone out before either."""
    return replace(failed(delivery, failure, now), attempts=0, uncertain=False)
