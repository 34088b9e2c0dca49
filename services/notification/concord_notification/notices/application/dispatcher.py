"""The mail dispatcher: claim what is due, send it, record the results.

Claim and record are one transaction each. The claim commits before any attempt begins.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from concord_bus.domain.retry import RetryPolicy
from concord_bus.ports import Begin, Clock, Read, Work
from concord_notification.mail.message import Mail
from concord_notification.mail.ports import Mailer
from concord_notification.mail.send_result import SendOutcome, SendResult
from concord_notification.notices.application.compose_mail import MailComposer
from concord_notification.notices.application.plan_digests import DigestPlanner
from concord_notification.notices.domain import delivery as states
from concord_notification.notices.domain.circuit_breaker import CLOSED, CircuitBreaker
from concord_notification.notices.domain.concern import Concern
from concord_notification.notices.domain.delivery import MAIL_RETRIES, Delivery, Failure
from concord_notification.notices.domain.events import finished_event
from concord_notification.notices.domain.team_policy import DIGEST, Digest, digest_of
from concord_notification.notices.ports import Metrics, NoticeStore

log = structlog.get_logger("concord.notification")

BATCH = 64
LEASE = timedelta(seconds=60)
UPKEEP = timedelta(minutes=1)
"""The pause between two looks at overlong waits and at teams that need a digest."""
MAX_START_DELAY = timedelta(seconds=30)
"""The latest start of an attempt after the claim, so that even a slow one ends within the lease."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed delivery with its concern or the content of its digest, and the result of sending it."""

    delivery: Delivery
    about: Concern | Digest
    result: SendResult


@dataclass(eq=False)
class Dispatcher:
    """Sends notices. Several dispatchers, in several processes, may share one PostgreSQL database."""

    begin: Begin[NoticeStore]
    read: Read[NoticeStore]
    composer: MailComposer
    digests: DigestPlanner
    mailer: Mailer
    metrics: Metrics
    clock: Clock  # for waits only: a store's work has its own time
    policy: RetryPolicy = MAIL_RETRIES
    chance: Callable[[], float] = random.random
    breaker: CircuitBreaker = field(default=CLOSED, init=False)
    _unrecorded: tuple[str, list[Attempt]] | None = field(default=None, init=False)
    _stopping: bool = field(default=False, init=False)
    _upkeep_at: datetime | None = field(default=None, init=False)

    def recover(self) -> None:
        """Release the claims of stopped processes, at start. Raises ResourceUnavailable."""
        with self.begin() as work:
            count = work.store.release_interrupted(self.clock())
        if count:
            log.warning("a process stopped while it sent: notices that may have gone out go out again", notices=count)

    def stop(self) -> None:
        """Begin no further attempt. The batch in progress releases the rest of its claims."""
        self._stopping = True

    def problem(self) -> str | None:
        """Return the reason for sending nothing now, or None."""
        return f"the mail server takes no mail ({self.breaker.cause})" if self.breaker.is_open else None

    def run_once(self) -> int:
        """Send one batch. Return the number of notices claimed. Raises ResourceUnavailable (database away).

        If the database goes away after the mails went out, the next call records their results.
        """
        if self._unrecorded:
            self._record(*self._unrecorded)
        size = self.breaker.allowance(self.clock(), BATCH)
        if self._stopping or not size:
            return 0
        claim = uuid.uuid4().hex
        deliveries = self._claim(claim, size)
        if deliveries:
            self._unrecorded = claim, self._attempt(deliveries)
            self._record(*self._unrecorded)
        elif self.breaker.is_open:
            self._update_breaker([self.mailer.probe()])
        return len(deliveries)

    def pause(self, max_seconds: float) -> float:
        """Return the seconds until the next work, at most `max_seconds`. Raises ResourceUnavailable."""
        self._keep_up()
        now = self.clock()
        next_at = now if self._unrecorded else self.breaker.open_until
        if next_at is None:
            with self.read() as store:
                next_at = store.next_attempt()
        return max_seconds if next_at is None else min(max_seconds, max(0.0, (next_at - now).total_seconds()))

    def _keep_up(self) -> None:
        """Once in UPKEEP make due what waits longer than any wait is made, and plan digests.

        A wait is too long when somebody has set a clock back.
        """
        now = self.clock()
        if self._upkeep_at is not None and now < self._upkeep_at:
            return
        with self.begin() as work:
            work.store.end_overlong_waits(now, LEASE)
            self.digests.plan(work.store, now)
        self._upkeep_at = now + UPKEEP

    def _claim(self, claim: str, size: int) -> list[tuple[Delivery, Concern | Digest]]:
        with self.begin() as work:
            now = self.clock()
            ready = [
                (delivery, _digest(delivery, work.store) if delivery.contact_id == DIGEST else concern)
                for delivery, concern in work.store.ready(now, size)
            ]
            wrong = [delivery for delivery, about in ready if states.is_superseded(delivery, about)]
            uncertain = [delivery for delivery in wrong if states.maybe_sent(delivery)]
            claims = [
                (states.claimed(delivery, claim, now, LEASE), about)
                for delivery, about in ready
                if delivery not in wrong
            ]
            if ready:
                work.store.drop([delivery.id for delivery in wrong if delivery not in uncertain])
                superseded = [states.superseded(delivery, work.now) for delivery in uncertain]
                work.store.save([*superseded, *(delivery for delivery, _ in claims)])
                work.store.drop_lines(_digest_ids(wrong))
        self.metrics.count_superseded(len(wrong), len(uncertain))
        return claims

    def _attempt(self, claims: Sequence[tuple[Delivery, Concern | Digest]]) -> list[Attempt]:
        begun = self.clock()
        composed = [self.composer.compose(delivery, about) for delivery, about in claims]
        mails = [mail for mail in composed if isinstance(mail, Mail)]
        sent = self.mailer.send(mails, lambda: self._may_begin(begun)) if mails else []
        self._update_breaker(sent)
        results = iter(sent)
        return [
            Attempt(delivery, about, next(results) if isinstance(mail, Mail) else mail)
            for (delivery, about), mail in zip(claims, composed, strict=True)
        ]

    def _may_begin(self, begun: datetime) -> bool:
        return not self._stopping and self.clock() - begun < MAX_START_DELAY

    def _update_breaker(self, results: Sequence[SendResult]) -> None:
        """Open the breaker if the server was away; close it if the server answered about a mail."""
        away = next((result for result in results if result.outcome is SendOutcome.BACK_OFF), None)
        if away:
            self.breaker = self.breaker.trip(self.clock(), away.cause, self.chance())
            log.warning("the mail server takes no mail from us", cause=away.cause, failures=self.breaker.failures)
        elif self.breaker.is_open and any(result.outcome is not SendOutcome.NOT_ATTEMPTED for result in results):
            self.breaker = CLOSED
            log.info("the mail server is back")

    def _record(self, claim: str, attempts: Sequence[Attempt]) -> None:
        """Write the results and publish the events of finished notices, in one transaction."""
        with self.begin() as work:
            own = work.store.with_claim(claim, [attempt.delivery.id for attempt in attempts])
            recorded = [
                (self._after(attempt.delivery, attempt.result, work.now), attempt)
                for attempt in attempts
                if attempt.delivery.id in own
            ]
            work.store.save([delivery for delivery, _ in recorded])
            finished = [(delivery, attempt.about) for delivery, attempt in recorded if delivery.finished]
            work.store.drop_lines(_digest_ids([delivery for delivery, _ in finished]))
            self._publish(finished, work)
        self._unrecorded = None
        for delivery, attempt in recorded:
            self.metrics.count_attempt(delivery, attempt.result)

    def _publish(self, finished: Sequence[tuple[Delivery, Concern | Digest]], work: Work[NoticeStore]) -> None:
        """Publish events of notices to reporters only: those to teams and supervisors are internal."""
        to_reporters = [
            (delivery, about) for delivery, about in finished if delivery.to_reporter and isinstance(about, Concern)
        ]
        counts = Counter(delivery.concern_id for delivery, _ in to_reporters)
        last = work.store.count_events(counts)
        for delivery, concern in to_reporters:
            counts[delivery.concern_id] -= 1
            sequence = last[delivery.concern_id] - counts[delivery.concern_id]
            work.publish(finished_event(delivery, concern.decision(delivery.cause_id), sequence))

    def _after(self, delivery: Delivery, result: SendResult, now: datetime) -> Delivery:
        """Return the delivery after an attempt with this result."""
        match result.outcome:
            case SendOutcome.SENT:
                return states.delivered(delivery, now)
            case SendOutcome.RETRY | SendOutcome.BACK_OFF:
                begin, maybe_sent = self.clock(), result.maybe_sent
                return states.deferred(
                    delivery, now, self.policy, self.chance(), waits_from=begin, maybe_sent=maybe_sent
                )
            case SendOutcome.NOT_ATTEMPTED:
                return states.released(delivery, now)
            case SendOutcome.REJECTED:
                return states.failed(delivery, Failure.REFUSED, now)
            case SendOutcome.INVALID_ADDRESS:
                return states.undeliverable(delivery, Failure.REFUSED, now)
            case SendOutcome.NO_ADDRESS:
                return states.undeliverable(delivery, Failure.NO_ADDRESS, now)
            case SendOutcome.EXHAUSTED:
                return states.exhausted(delivery, now)


def _digest(delivery: Delivery, store: NoticeStore) -> Digest:
    """Return what the digest tells. Its first attempt takes all events that wait, so that a retry tells the same."""
    lines = store.take_lines(delivery)
    concerns = store.concerns(sorted({line.concern_id for line in lines}))
    return digest_of(delivery.cause_id, lines, concerns)


def _digest_ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.id for delivery in deliveries if delivery.contact_id == DIGEST]
