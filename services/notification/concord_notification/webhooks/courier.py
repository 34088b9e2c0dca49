"""Visits endpoints: claim one with what is due, send over one line, record. No transaction is open while sending."""

import random
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import structlog

from concord_bus.ports import Clock, Work
from concord_notification.ports import Unreadable
from concord_notification.webhooks.domain import endpoint as rules
from concord_notification.webhooks.domain.answer import Answer, Verdict
from concord_notification.webhooks.domain.delivery import Delivery, Failure, after
from concord_notification.webhooks.domain.endpoint import Endpoint, Why
from concord_notification.webhooks.instruments import Instruments
from concord_notification.webhooks.ports import Line, Post, Vault, Visit

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
        """At start: what a process known to be dead had claimed is visited at once. Raises SlowDown."""
        with self._begin() as work:
            work.store.webhooks.interrupted()

    def stop(self) -> None:
        """Begin no further attempt."""
        self._stopping = True

    def ready(self, busy: Collection[str], limit: int) -> list[Endpoint]:
        """Endpoints to visit now. Raises SlowDown."""
        with self._read() as store:
            found: list[Endpoint] = store.webhooks.ready(self._clock(), busy, limit)
        return found

    def visit(self, endpoint_id: str) -> int:
        """Send what is due there until one attempt fails; how many were made. Raises SlowDown (database away).

        When the database is away after the attempts, the lease ends by itself and they are made once more.
        """
        claim = uuid.uuid4().hex
        with self._begin() as work:
            visit = work.store.webhooks.begin_visit(endpoint_id, claim, work.now, work.now + LEASE, MOST_AT_ONCE)
        if visit is None:
            return 0
        self._record(visit.endpoint.id, claim, self._send(visit))
        return len(visit.deliveries)

    def _send(self, visit: Visit) -> list[tuple[Delivery, Answer]]:
        secrets = self._secrets(visit.endpoint)
        if secrets is None:
            return [(delivery, Answer("vault")) for delivery, _ in visit.deliveries[:1]]
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
        return outcomes

    def _attempt(self, line: Line, delivery: Delivery, body: bytes, secrets: Sequence[str]) -> Answer:
        answer = line.post(self._sign(delivery.event_id, body, secrets, self._clock()), body)
        self._count.attempts.labels(answer.verdict if answer.status else answer.cause).inc()
        return answer

    def _secrets(self, endpoint: Endpoint) -> Sequence[str] | None:
        try:
            return self._vault.open(endpoint.sealed).live(self._clock())
        except Unreadable:
            log.error("no key of the vault opens the secrets of an endpoint", endpoint=endpoint.name)
            return None

    def _record(self, endpoint_id: str, claim: str, outcomes: Sequence[tuple[Delivery, Answer]]) -> None:
        """Write how it went, unless somebody else holds the endpoint by now: then they send it once more."""
        with self._begin() as work:
            webhooks = work.store.webhooks
            before = webhooks.visited(endpoint_id, claim)
            if before is None:
                return
            done = [after(delivery, answer, work.now, self._chance()) for delivery, answer in outcomes]
            now_so = self._fared(before, [answer for _, answer in outcomes], done, work.now)
            webhooks.end_visit(now_so, done)
            if before.active and not now_so.active:
                webhooks.give_up_due(endpoint_id, work.now)
        self._tell(before, now_so, done)

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
