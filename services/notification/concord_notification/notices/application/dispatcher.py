"""Sends what is due: claim, send, record. Each step has its transaction; the claim is committed before any attempt."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from concord_bus.domain.retry import RetryPolicy
from concord_bus.ports import Clock, Work
from concord_notification.mail.message import Mail
from concord_notification.notices.adapters.metrics import Instruments
from concord_notification.notices.application.compose_mail import Composer
from concord_notification.notices.domain.circuit_breaker import CLOSED, Breaker
from concord_notification.notices.domain.concern import Concern
from concord_notification.notices.domain.delivery import (
    MAIL_RETRIES,
    Delivery,
    Failure,
    State,
    claimed,
    deferred,
    delivered,
    doubtful,
    failed,
    given_back,
    overtaken,
    replaced,
    spent,
    unsendable,
)
from concord_notification.notices.domain.events import announce
from concord_notification.notices.domain.send_result import Remedy, Result
from concord_notification.notices.ports import Begin, Mailer, Read, Store, Vault, Writer

log = structlog.get_logger("concord.notification")

BATCH = 64
LEASE = timedelta(seconds=60)
LAST_BEGIN = timedelta(seconds=30)
"""No attempt is begun later after the claim than this, so that even a slow one ends within the lease."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed delivery, what it tells of, and how sending it went."""

    delivery: Delivery
    concern: Concern
    result: Result


class Dispatch:
    """One sender. Several, in several processes, may work on one PostgreSQL database."""

    def __init__(
        self,
        begin: Begin,
        read: Read,
        vault: Vault,
        writer: Writer,
        mailer: Mailer,
        *,
        clock: Clock,
        policy: RetryPolicy = MAIL_RETRIES,
        instruments: Instruments | None = None,
        supervisors: Mapping[str, str] | None = None,
        chance: Callable[[], float] = random.random,
        batch: int = BATCH,
    ) -> None:
        """`supervisors` gives the e-mail address of each team's supervisor, by the team's code."""
        self._begin = begin
        self._read = read
        self._mailer = mailer
        self._clock = clock
        self._policy = policy
        self._count = instruments or Instruments.unregistered()
        self._composer = Composer(vault, writer, supervisors or {}, policy, clock, self._count)
        self._chance = chance
        self._batch = batch
        self._unrecorded: tuple[str, list[Attempt]] | None = None
        self._stopping = False
        self.breaker: Breaker = CLOSED

    def recover(self) -> None:
        """At start: what a process known to be dead was sending becomes ready at once. Raises ResourceUnavailable."""
        with self._begin() as work:
            count = work.store.interrupted(work.now)
        if count:
            log.warning("sending was interrupted: notices that may have gone out are sent once more", notices=count)

    def stop(self) -> None:
        """Begin no further attempt; the round under way gives back what it has not begun."""
        self._stopping = True

    def problem(self) -> str | None:
        """Why notices are not sent now, or None."""
        return f"the mail server takes no mail ({self.breaker.cause})" if self.breaker.open else None

    def run_once(self) -> int:
        """Send one batch of what is ready; how many notices were taken up. Raises ResourceUnavailable (database away).

        When the database goes away after the mails went out, how it went is kept and written by the next call.
        """
        if self._unrecorded:
            self._record(*self._unrecorded)
        size = self.breaker.allowance(self._clock(), self._batch)
        if self._stopping or not size:
            return 0
        claim = uuid.uuid4().hex
        taken = self._claim(claim, size)
        if taken:
            self._unrecorded = claim, self._attempt(taken)
            self._record(*self._unrecorded)
        elif self.breaker.open:
            self._heed([self._mailer.probe()])
        return len(taken)

    def pause(self, longest: float) -> float:
        """Seconds until there may be something to do, `longest` at the most. Raises ResourceUnavailable."""
        now = self._clock()
        upcoming = now if self._unrecorded else self.breaker.rest_until
        if upcoming is None:
            with self._read() as store:
                upcoming = store.next_attempt()
        return longest if upcoming is None else min(longest, max(0.0, (upcoming - now).total_seconds()))

    def _claim(self, claim: str, size: int) -> list[tuple[Delivery, Concern]]:
        with self._begin() as work:
            ready = work.store.ready(work.now, size)
            late = [each for each, concern in ready if overtaken(each, concern)]
            kept = [replaced(each, work.now) for each in late if doubtful(each)]
            current = [(each, concern) for each, concern in ready if not overtaken(each, concern)]
            taken = [(claimed(each, claim, work.now, LEASE), concern) for each, concern in current]
            if ready:
                work.store.drop([each.id for each in late if not doubtful(each)])
                work.store.save([*kept, *(each for each, _ in taken)])
        self._count.overtaken.inc(len(late))
        self._count.uncertain.inc(len(kept))
        return taken

    def _attempt(self, taken: Sequence[tuple[Delivery, Concern]]) -> list[Attempt]:
        begun = self._clock()
        composed = [self._composer.compose(*each) for each in taken]
        mails = [each for each in composed if isinstance(each, Mail)]
        sent = self._mailer.send(mails, lambda: self._may_begin(begun)) if mails else []
        self._heed(sent)
        results = iter(sent)
        return [
            Attempt(delivery, concern, next(results) if isinstance(each, Mail) else each)
            for (delivery, concern), each in zip(taken, composed, strict=True)
        ]

    def _may_begin(self, begun: datetime) -> bool:
        return not self._stopping and self._clock() - begun < LAST_BEGIN

    def _heed(self, results: Sequence[Result]) -> None:
        """Rest when the server was away, go on when it took a mail or spoke about one."""
        away = next((each for each in results if each.remedy is Remedy.REST), None)
        if away:
            self.breaker = self.breaker.trip(self._clock(), away.cause, self._chance())
            log.warning("the mail server takes nothing from us", cause=away.cause, failures=self.breaker.failures)
        elif self.breaker.open and any(each.remedy is not Remedy.UNTRIED for each in results):
            self.breaker = CLOSED
            log.info("the mail server is back")

    def _record(self, claim: str, attempts: Sequence[Attempt]) -> None:
        """Write how it went and tell everybody, in one transaction."""
        with self._begin() as work:
            held = work.store.held(claim, [each.delivery.id for each in attempts])
            mine = [each for each in attempts if each.delivery.id in held]
            judged = [(self._judge(each.delivery, each.result, work.now), each) for each in mine]
            work.store.save([after for after, _ in judged])
            self._announce([(after, each.concern) for after, each in judged if after.finished], work)
        self._unrecorded = None
        for after, each in judged:
            self._tally(after, each.result)

    def _announce(self, finished: Sequence[tuple[Delivery, Concern]], work: Work[Store]) -> None:
        """Only what went to reporters: what a supervisor is told is the city's own affair."""
        told = [(delivery, concern) for delivery, concern in finished if delivery.to_reporter]
        counts = Counter(delivery.concern_id for delivery, _ in told)
        last = work.store.count_events(counts)
        for delivery, concern in told:
            counts[delivery.concern_id] -= 1
            sequence = last[delivery.concern_id] - counts[delivery.concern_id]
            work.publish(announce(delivery, concern.decision(delivery.cause_id), sequence))

    def _judge(self, delivery: Delivery, result: Result, now: datetime) -> Delivery:
        match result.remedy:
            case Remedy.NONE:
                return delivered(delivery, now)
            case Remedy.LATER | Remedy.REST:
                return deferred(delivery, now, self._policy, self._chance(), unsure=result.unsure)
            case Remedy.UNTRIED:
                return given_back(delivery, now)
            case Remedy.NEVER:
                return failed(delivery, Failure.REFUSED, now)
            case Remedy.UNSENDABLE:
                return unsendable(delivery, Failure.REFUSED, now)
            case Remedy.NO_ADDRESS:
                return unsendable(delivery, Failure.NO_ADDRESS, now)
            case Remedy.SPENT:
                return spent(delivery, now)

    def _tally(self, delivery: Delivery, result: Result) -> None:
        if delivery.state is State.DELIVERED and delivery.finished_at:
            self._count.delivered.inc()
            self._count.uncertain.inc(delivery.uncertain)
            self._count.due_seconds.observe((delivery.finished_at - delivery.due_at).total_seconds())
        elif delivery.failure:
            self._count.failed.labels(delivery.failure.value).inc()
        elif result.remedy is not Remedy.UNTRIED:
            self._count.deferred.labels(result.cause).inc()
