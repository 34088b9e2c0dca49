"""The webhook dispatcher: claim endpoints with due deliveries, send to each over one connection, record.

One transaction claims or records many batches: with one for each, the disk would set the pace. No transaction is open
during an attempt.
"""

import random
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from concord_bus.ports import Begin, Clock, Read, Work
from concord_notification.mail.ports import VaultUnreadable
from concord_notification.webhooks.domain import endpoint as rules
from concord_notification.webhooks.domain.delivery import Delivery, Failure, after_attempt
from concord_notification.webhooks.domain.endpoint import DisableReason, Endpoint
from concord_notification.webhooks.domain.receiver_response import ReceiverResponse, Verdict
from concord_notification.webhooks.ports import (
    DeliveryBatch,
    EndpointVault,
    HttpConnection,
    HttpSession,
    Metrics,
    Store,
)

log = structlog.get_logger("concord.webhooks")

LEASE = timedelta(seconds=60)
END_WAITS = timedelta(minutes=1)
MAX_START_DELAY = timedelta(seconds=30)
"""The latest start of an attempt in a batch, so that even a slow one ends within the lease."""
MAX_BATCH = 16
"""The number of events in one batch; the database gets their results together."""

Sign = Callable[[str, bytes, Sequence[str], datetime], Mapping[str, str]]
"""Returns the headers for a webhook-id, a body, the live secrets and a time."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """A batch and the response to each attempt. `held` means that an error of our own prevented them all."""

    batch: DeliveryBatch
    attempts: Sequence[tuple[Delivery, ReceiverResponse]]
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Recorded:
    """An endpoint before and after a batch, with the deliveries after it."""

    before: Endpoint
    after: Endpoint
    deliveries: Sequence[Delivery] = ()


@dataclass(eq=False)
class WebhookDispatcher:
    """Sends events. Several dispatchers, in several processes, may share one PostgreSQL database.

    Only one at a time sends to an endpoint. `on_disabled` runs after each commit that disabled an endpoint.
    `waits_clock` measures waits.
    """

    begin: Begin[Store]
    read: Read[Store]
    vault: EndpointVault
    session: HttpSession
    sign: Sign
    metrics: Metrics
    clock: Clock
    waits_clock: Clock
    on_disabled: Callable[[], None] = lambda: None
    chance: Callable[[], float] = random.random
    _stopping: bool = field(default=False, init=False)
    _waits_end_at: datetime | None = field(default=None, init=False)

    def recover(self) -> None:
        """Release the claims of stopped processes, at start. Raises ResourceUnavailable."""
        with self.begin() as work:
            work.store.webhooks.release_interrupted()

    def stop(self) -> None:
        """Begin no further attempt."""
        self._stopping = True

    def claim(self, busy: Collection[str], limit: int, failing_limit: int) -> list[DeliveryBatch]:
        """Claim endpoints with due deliveries, except `busy` ones, in one transaction. Raises ResourceUnavailable.

        At most `limit` endpoints, with at most `failing_limit` whose last attempt failed.
        """
        self._end_overlong_waits()
        with self.read() as store:
            ready = store.webhooks.ready(self.waits_clock(), busy, limit)
        failing = [endpoint.id for endpoint in ready if endpoint.failures]
        ids = sorted({endpoint.id for endpoint in ready}.difference(failing[failing_limit:]))
        if not ids or self._stopping:
            return []
        with self.begin() as work:
            now, claim, webhooks = self.waits_clock(), uuid.uuid4().hex, work.store.webhooks
            batches = [webhooks.claim(endpoint_id, claim, now, now + LEASE, MAX_BATCH) for endpoint_id in ids]
        return [batch for batch in batches if batch is not None]

    def _end_overlong_waits(self) -> None:
        """Make due what waits longer than any wait is made, once in END_WAITS: somebody has set a clock back."""
        now = self.waits_clock()
        if self._waits_end_at is not None and now < self._waits_end_at:
            return
        with self.begin() as work:
            work.store.webhooks.end_overlong_waits(now, LEASE)
        self._waits_end_at = now + END_WAITS

    def deliver(self, batch: DeliveryBatch) -> BatchResult:
        """Send the batch until one attempt fails. It needs no database and raises no expected error."""
        secrets = self._live_secrets(batch.endpoint)
        if secrets is None:
            return BatchResult(batch, [], held=True)
        begun = self.waits_clock()
        attempts = []
        with self.session.connect(batch.endpoint.url) as connection:
            for delivery, body in batch.deliveries:
                if self._stopping or self.waits_clock() - begun > MAX_START_DELAY:
                    break
                response = self._attempt(connection, delivery, body, secrets)
                attempts.append((delivery, response))
                if response.verdict is not Verdict.ACCEPTED:
                    break
        return BatchResult(batch, attempts)

    def _attempt(
        self, connection: HttpConnection, delivery: Delivery, body: bytes, secrets: Sequence[str]
    ) -> ReceiverResponse:
        response = connection.post(self.sign(delivery.event_id, body, secrets, self.clock()), body)
        self.metrics.count_attempt(response)
        return response

    def _live_secrets(self, endpoint: Endpoint) -> Sequence[str] | None:
        try:
            return self.vault.open(endpoint.sealed).live(self.clock())
        except VaultUnreadable:
            log.error("on hold: no key of the vault decrypts the endpoint's secrets", endpoint=endpoint.name)
            return None

    def record(self, results: Sequence[BatchResult]) -> None:
        """Write the results in one transaction. Raises ResourceUnavailable; then call again.

        Without a record the attempts repeat. If another process has the claim by now, it repeats them.
        """
        with self.begin() as work:
            in_order = sorted(results, key=lambda result: result.batch.endpoint.id)
            recorded = [self._record_one(result, work) for result in in_order]
        for record in recorded:
            self._report(record)

    def _record_one(self, result: BatchResult, work: Work[Store]) -> _Recorded:
        webhooks, batch = work.store.webhooks, result.batch
        before = webhooks.claimed(batch.endpoint.id, batch.claim)
        if before is None:
            return _Recorded(batch.endpoint, batch.endpoint)
        endpoint, deliveries, waits_from = before, [], self.waits_clock()
        for delivery, response in result.attempts:
            deliveries.append(after_attempt(delivery, response, work.now, self.chance(), waits_from))
            endpoint = self._after(endpoint, response, deliveries[-1], work.now)
        if result.held:
            endpoint = rules.on_hold(endpoint, waits_from)
        webhooks.finish(endpoint, deliveries)
        if before.active and not endpoint.active:
            webhooks.fail_due(before.id, work.now)
        return _Recorded(before, endpoint, deliveries)

    def _after(self, endpoint: Endpoint, response: ReceiverResponse, delivery: Delivery, now: datetime) -> Endpoint:
        """Return the endpoint after an attempt; `delivery` is its state after the attempt."""
        if response.verdict is Verdict.ACCEPTED:
            return rules.succeeded(endpoint)
        endpoint = rules.failed(endpoint, self.waits_clock(), self.chance(), response.retry_after)
        if delivery.failure is None:
            return endpoint
        reason = DisableReason.GONE if delivery.failure is Failure.GONE else DisableReason.EXHAUSTED
        return rules.disabled(endpoint, reason, now)

    def _report(self, recorded: _Recorded) -> None:
        for delivery in recorded.deliveries:
            if delivery.finished_at and delivery.failure is None:
                self.metrics.observe_delivery((delivery.finished_at - delivery.queued_at).total_seconds())
        endpoint = recorded.after
        if recorded.before.active and endpoint.why is not None:
            self.on_disabled()
            self.metrics.count_disabled(endpoint.why)
            last = recorded.deliveries[-1].result
            log.warning("webhook endpoint disabled", endpoint=endpoint.name, why=str(endpoint.why), last=last)
