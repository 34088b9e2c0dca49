"""Visits endpoints: claim those with something due, send to each over one line, record.

Many visits are claimed and recorded in one transaction: with one for each, the disk would set the pace. None is open
while anything is sent.
"""

import random
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from concord_bus.ports import Clock, Work
from concord_notification.notices.ports import Unreadable
from concord_notification.webhooks.adapters.metrics import Instruments
from concord_notification.webhooks.domain import endpoint as rules
from concord_notification.webhooks.domain.delivery import Delivery, Failure, after
from concord_notification.webhooks.domain.endpoint import Endpoint, Why
from concord_notification.webhooks.domain.receiver_response import Answer, Verdict
from concord_notification.webhooks.ports import Line, Post, Vault, Visit, Webhooks

log = structlog.get_logger("concord.webhooks")

LEASE = timedelta(seconds=60)
LAST_BEGIN = timedelta(seconds=30)
"""No attempt of a visit begins later than this, so that even a slow one ends within the lease."""
MOST_AT_ONCE = 16
"""Events sent in one visit, in their order, before the database hears of it."""

Begin = Callable[[], AbstractContextManager[Work[Any]]]
Read = Callable[[], AbstractContextManager[Any]]
Sign = Callable[[str, bytes, Sequence[str], datetime], Mapping[str, str]]
"""The headers for a webhook-id, a body, live secrets and a moment."""


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that was made, and how each attempt went; `held` when a fault of our own kept us from any."""

    visit: Visit
    outcomes: Sequence[tuple[Delivery, Answer]]
    held: bool = False


class Courier:
    """Several, in several processes, may work on one PostgreSQL database: each endpoint is visited by one at a time."""

    def __init__(
        self,
        begin: Begin,
        read: Read,
        vault: Vault,
        post: Post,
        sign: Sign,
        *,
        clock: Clock,
        changed: Callable[[], None] = lambda: None,
        instruments: Instruments | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`changed` is called when an endpoint was disabled."""
        self._begin = begin
        self._read = read
        self._vault = vault
        self._post = post
        self._sign = sign
        self._clock = clock
        self._changed = changed
        self._count = instruments or Instruments.unregistered()
        self._chance = chance
        self._stopping = False

    def recover(self) -> None:
        """At start: what a process known to be dead had claimed is visited at once. Raises ResourceUnavailable."""
        with self._begin() as work:
            work.store.webhooks.interrupted()

    def stop(self) -> None:
        """Begin no further attempt."""
        self._stopping = True

    def claim(self, busy: Collection[str], most: int, most_doubtful: int) -> list[Visit]:
        """Claim endpoints with something due, except `busy` ones, in one transaction. Raises ResourceUnavailable.

        At most `most`, of which `most_doubtful` may be such whose last attempt failed.
        """
        with self._read() as store:
            ready: list[Endpoint] = store.webhooks.ready(self._clock(), busy, most)
        doubtful = {each.id for each in [each for each in ready if each.failures][most_doubtful:]}
        chosen = sorted(each.id for each in ready if each.id not in doubtful)
        if not chosen or self._stopping:
            return []
        with self._begin() as work:
            now, claim = work.now, uuid.uuid4().hex
            begun = [work.store.webhooks.begin_visit(each, claim, now, now + LEASE, MOST_AT_ONCE) for each in chosen]
        return [each for each in begun if each is not None]

    def deliver(self, visit: Visit) -> Visited:
        """Send what is due there until one attempt fails. Touches no database, raises nothing foreseen."""
        secrets = self._secrets(visit.endpoint)
        if secrets is None:
            return Visited(visit, [], held=True)
        begun = self._clock()
        outcomes = []
        with self._post.visit(visit.endpoint.url) as line:
            for delivery, body in visit.deliveries:
                if self._stopping or self._clock() - begun > LAST_BEGIN:
                    break
                answer = self._attempt(line, delivery, body, secrets)
                outcomes.append((delivery, answer))
                if answer.verdict is not Verdict.TAKEN:
                    break
        return Visited(visit, outcomes)

    def _attempt(self, line: Line, delivery: Delivery, body: bytes, secrets: Sequence[str]) -> Answer:
        answer = line.post(self._sign(delivery.event_id, body, secrets, self._clock()), body)
        self._count.attempts.labels(answer.verdict if answer.status else answer.cause).inc()
        return answer

    def _secrets(self, endpoint: Endpoint) -> Sequence[str] | None:
        try:
            return self._vault.open(endpoint.sealed).live(self._clock())
        except Unreadable:
            log.error("held: no key of the vault opens the secrets of a webhook endpoint", endpoint=endpoint.name)
            return None

    def record(self, visited: Sequence[Visited]) -> None:
        """Write how visits went, in one transaction.

        Raises ResourceUnavailable; then call again, or the attempts are made again.

        What another process holds by now is left to it: it sends it once more.
        """
        with self._begin() as work:
            told = [self._record_one(each, work) for each in sorted(visited, key=lambda each: each.visit.endpoint.id)]
        for each in told:
            self._tell(*each)

    def _record_one(self, visited: Visited, work: Work[Any]) -> tuple[Endpoint, Endpoint, list[Delivery]]:
        webhooks: Webhooks = work.store.webhooks
        before = webhooks.visited(visited.visit.endpoint.id, visited.visit.claim)
        if before is None:
            return visited.visit.endpoint, visited.visit.endpoint, []
        done = [after(delivery, answer, work.now, self._chance()) for delivery, answer in visited.outcomes]
        now_so = self._fared(before, [answer for _, answer in visited.outcomes], done, work.now)
        if visited.held:
            now_so = rules.held(now_so, work.now)
        webhooks.end_visit(now_so, done)
        if before.active and not now_so.active:
            webhooks.give_up_due(before.id, work.now)
        return before, now_so, done

    def _fared(
        self, endpoint: Endpoint, answers: Sequence[Answer], done: Sequence[Delivery], now: datetime
    ) -> Endpoint:
        for answer, delivery in zip(answers, done, strict=True):
            if answer.verdict is Verdict.TAKEN:
                endpoint = rules.answered(endpoint)
            else:
                endpoint = rules.failed(endpoint, now, self._chance(), answer.retry_after)
            if delivery.failure is not None:
                why = Why.GONE if delivery.failure is Failure.GONE else Why.EXHAUSTED
                endpoint = rules.disabled(endpoint, why, now)
        return endpoint

    def _tell(self, before: Endpoint, now_so: Endpoint, done: Sequence[Delivery]) -> None:
        for each in done:
            if each.finished_at and each.failure is None:
                self._count.seconds.observe((each.finished_at - each.queued_at).total_seconds())
        if before.active and not now_so.active:
            self._changed()
            self._count.disabled.labels(str(now_so.why)).inc()
            log.warning("webhook endpoint disabled", endpoint=now_so.name, why=str(now_so.why), last=done[-1].result)
