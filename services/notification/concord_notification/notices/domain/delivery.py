"""One notice on its way to one contact: due → sending → delivered, due again, or failed.

`sending` is committed before the attempt is made. A row found in `sending` after its time is over belongs to a
process that died at that moment: nobody knows whether the mail went out, so it is sent once more and marked
`uncertain`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_bus.domain.retry import RetryPolicy
from concord_notification.notices.domain.concern import Concern, Decision
from concord_notification.notices.domain.notice_policy import MISSED, NOTICES, SUPERVISOR, told

MEDIUM = "email"

GRACE = timedelta(seconds=10)
"""How long a notice that may do without words waits for them."""

Language = Callable[[str | None], str | None]
"""The language in which the supervisor of a team is written to; None for a team that has none."""

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
    notice: str
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

    @property
    def to_reporter(self) -> bool:
        """Else it goes to the supervisor of a team."""
        return self.contact_id != SUPERVISOR


def delivery_id(concern_id: str, contact_id: str, cause_id: str) -> str:
    """The same for the same notice, however often it is asked for: this is what makes it unique."""
    return hashlib.sha256("\0".join((concern_id, contact_id, cause_id)).encode()).hexdigest()[:32]


def notices(concern: Concern, language: str, supervisors: Language, now: datetime) -> list[Delivery]:
    """All notices about the concern: the reporter's in `language`, and those to supervisors of teams that have one."""
    found = []
    for contact_id, decision in told(concern):
        wanted = language if decision.kind != MISSED else supervisors(decision.team)
        if wanted is not None:
            found.append(_notice(contact_id, decision, concern, wanted, now))
    return found


def _notice(contact_id: str, decision: Decision, concern: Concern, language: str, now: datetime) -> Delivery:
    """It became due when the later of contact and decision came to be, which does not depend on what arrived first."""
    known = decision.decided_at
    if contact_id != SUPERVISOR and concern.contact:
        known = max(known, concern.contact.given_at)
    return Delivery(
        id=delivery_id(concern.concern_id, contact_id, decision.event_id),
        concern_id=concern.concern_id,
        contact_id=contact_id,
        cause_id=decision.event_id,
        notice=NOTICES.get(decision.kind, MISSED),
        language=language,
        due_at=min(now, known),
        not_before=now + GRACE if _may_be_worded(decision) else now,
    )


def _may_be_worded(decision: Decision) -> bool:
    """An officer who opens a case again may say why, or not."""
    return decision.kind == "reopened" and decision.initiator == "officer" and decision.words is None


def overtaken(delivery: Delivery, concern: Concern) -> bool:
    """Whether a later event or a later contact has made this notice wrong."""
    current = ((contact_id, decision.event_id) for contact_id, decision in told(concern))
    return (delivery.contact_id, delivery.cause_id) not in set(current)


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
