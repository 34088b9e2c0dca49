"""One notice to one recipient, and its states: due → sending → delivered, due again, or failed.

The state `sending` reaches the database before the attempt. If its claim runs out, the process stopped during the
attempt and the mail may have gone out: another attempt follows, and the delivery is `uncertain`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_bus.domain.retry import CLOCK_TOLERANCE, RetryPolicy
from concord_notification.notices.domain.concern import Concern, Decision
from concord_notification.notices.domain.notice_policy import FIRST_KINDS, MISSED, SUPERVISOR, notices_for
from concord_notification.notices.domain.team_policy import DIGEST, TEAM, Digest, team_notices

MEDIUM = "email"

MESSAGE_GRACE = timedelta(seconds=10)
"""The wait for an officer message where a notice can do without it."""

TEAM_DIGEST = "team_digest"
"""The notice of a digest. Mails to teams about one event are `team_` with the kind of its decision."""

INTERNAL = (SUPERVISOR, TEAM, DIGEST)
"""The recipients who belong to the city. Nobody outside hears of their notices."""

LanguageOf = Callable[[str | None], str | None]
"""Returns the language of a team's supervisor, or of a team, by its code; None for one that gets no mail now."""

MAIL_RETRIES = RetryPolicy(first_delay=10.0, factor=4.0, max_delay=4 * 3600.0, max_attempts=10)
"""The delays 10 s, 40 s, 3 min … 4 h: the last attempt comes about 15 hours after the first."""


TOLERANCE = timedelta(seconds=CLOCK_TOLERANCE)
LONGEST_WAITS = tuple(timedelta(seconds=seconds) + TOLERANCE for seconds in MAIL_RETRIES.longest_waits)
"""The longest waits after 0, 1, 2 and more attempts, by the clock of another host. MESSAGE_GRACE is among them."""

DIGEST_WAIT = timedelta(hours=25) + TOLERANCE
"""The longest wait of a digest for its time: a day on which the clocks go back."""


class State(StrEnum):
    DUE = "due"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    OVERTAKEN = "overtaken"  # superseded after its mail may have gone out; other superseded ones leave no row


class Failure(StrEnum):
    REFUSED = "refused"  # the mail server rejected it for good
    EXHAUSTED = "exhausted"  # every attempt had a temporary failure
    NO_ADDRESS = "no_address"  # the contact has no e-mail address


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice on its way. `not_before` is the next attempt while due, the end of the claim while sending (UTC)."""

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
        """True for the reporter, false for a team or its supervisor."""
        return self.contact_id not in INTERNAL

    @property
    def to_team(self) -> bool:
        """True for a mail to a team about one event, or for its digest."""
        return self.contact_id in (TEAM, DIGEST)


def delivery_id(concern_id: str, contact_id: str, cause_id: str) -> str:
    """Return the id, always the same for the same notice. This keeps a notice unique."""
    return hashlib.sha256("\0".join((concern_id, contact_id, cause_id)).encode()).hexdigest()[:32]


def plan_deliveries(
    concern: Concern,
    language: str,
    supervisor_language: LanguageOf,
    now: datetime,
    team_language: LanguageOf = lambda team: None,
) -> list[Delivery]:
    """Return all deliveries of the concern: the reporter's in `language`, and those to supervisors and to teams."""
    deliveries = []
    for contact_id, decision in notices_for(concern):
        written_in = language if decision.kind != MISSED else supervisor_language(decision.team)
        if written_in is not None:
            deliveries.append(_new_delivery(contact_id, decision, concern, written_in, now))
    for decision in team_notices(concern):
        written_in = team_language(decision.team)
        if written_in is not None:
            deliveries.append(_new_delivery(TEAM, decision, concern, written_in, now))
    return deliveries


def plan_digest(team: str, language: str, due_at: datetime) -> Delivery:
    """Return the delivery of a team's digest, which is about no single concern. Its cause is the team."""
    return Delivery(
        id=delivery_id(team, DIGEST, due_at.isoformat()),
        concern_id="",
        contact_id=DIGEST,
        cause_id=team,
        notice=TEAM_DIGEST,
        language=language,
        due_at=due_at,
        not_before=due_at,
    )


def _new_delivery(contact_id: str, decision: Decision, concern: Concern, language: str, now: datetime) -> Delivery:
    """Return a delivery due since the later of contact and decision, in any order of arrival."""
    due_at = decision.decided_at
    to_reporter = contact_id not in INTERNAL
    if to_reporter and concern.contact:
        due_at = max(due_at, concern.contact.given_at)
    return Delivery(
        id=delivery_id(concern.concern_id, contact_id, decision.event_id),
        concern_id=concern.concern_id,
        contact_id=contact_id,
        cause_id=decision.event_id,
        notice=_notice(contact_id, decision),
        language=language,
        due_at=min(now, due_at),
        not_before=now + MESSAGE_GRACE if to_reporter and _may_get_message(decision) else now,
    )


def _notice(contact_id: str, decision: Decision) -> str:
    if contact_id == TEAM:
        return f"team_{decision.kind}"
    return "acknowledgement" if decision.kind in FIRST_KINDS else decision.kind


def _may_get_message(decision: Decision) -> bool:
    """Return whether an officer message may follow: an officer who reopens a case can write one."""
    return decision.kind == "reopened" and decision.initiator == "officer" and decision.words is None


def is_superseded(delivery: Delivery, about: Concern | Digest) -> bool:
    """Return whether a later event or contact has made this notice wrong, or nothing is left of this digest."""
    if isinstance(about, Digest):
        return not about.decisions
    if delivery.contact_id == TEAM:
        return delivery.cause_id not in {decision.event_id for decision in team_notices(about)}
    current = ((contact_id, decision.event_id) for contact_id, decision in notices_for(about))
    return (delivery.contact_id, delivery.cause_id) not in set(current)


def maybe_sent(delivery: Delivery) -> bool:
    """Return whether the mail of a delivery without a live claim may have gone out."""
    return delivery.uncertain or delivery.state is State.SENDING


def superseded(delivery: Delivery, now: datetime) -> Delivery:
    """Stop sending, but keep the row: its mail may have gone out during a crash."""
    return replace(delivery, state=State.OVERTAKEN, uncertain=True, claim=None, finished_at=now)


def claimed(delivery: Delivery, claim: str, now: datetime, lease: timedelta) -> Delivery:
    """Begin an attempt for the holder of `claim`, who must record the result within the lease."""
    return replace(
        delivery,
        state=State.SENDING,
        attempts=delivery.attempts + 1,
        uncertain=maybe_sent(delivery),
        claim=claim,
        not_before=now + lease,
    )


def released(delivery: Delivery, now: datetime) -> Delivery:
    """Undo a claim whose attempt never began."""
    return replace(delivery, state=State.DUE, attempts=delivery.attempts - 1, claim=None, not_before=now)


def delivered(delivery: Delivery, now: datetime) -> Delivery:
    """Record that the mail server accepted the mail."""
    return replace(delivery, state=State.DELIVERED, claim=None, finished_at=now)


def deferred(
    delivery: Delivery,
    now: datetime,
    policy: RetryPolicy,
    chance: float,
    *,
    waits_from: datetime | None = None,
    maybe_sent: bool = False,
) -> Delivery:
    """Record a temporary failure. `maybe_sent` means that the mail may have gone out all the same.

    The wait begins at `waits_from`, without it at `now`.
    """
    if policy.exhausted(delivery.attempts):
        return failed(delivery, Failure.EXHAUSTED, now)
    retry_at = (waits_from or now) + timedelta(seconds=policy.delay(delivery.attempts, chance))
    uncertain = delivery.uncertain or maybe_sent
    return replace(delivery, state=State.DUE, claim=None, not_before=retry_at, uncertain=uncertain)


def failed(delivery: Delivery, failure: Failure, now: datetime) -> Delivery:
    """Give up after this attempt."""
    return replace(delivery, state=State.FAILED, failure=failure, claim=None, finished_at=now)


def exhausted(delivery: Delivery, now: datetime) -> Delivery:
    """Give up without this attempt: a process stopped during the last one allowed."""
    return replace(failed(delivery, Failure.EXHAUSTED, now), attempts=delivery.attempts - 1)


def undeliverable(delivery: Delivery, failure: Failure, now: datetime) -> Delivery:
    """Give up without any attempt: without an address, no mail can have gone out before either."""
    return replace(failed(delivery, failure, now), attempts=0, uncertain=False)
