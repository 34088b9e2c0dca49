"""Periodic maintenance of webhooks: retention, mails about disabled endpoints, and a check of the vault's keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from concord_bus.ports import Begin, Clock, Read
from concord_i18n.translator import Translator
from concord_notification.i18n.webhook_messages import endpoint_disabled
from concord_notification.mail.address import mailbox, message_id_domain
from concord_notification.mail.message import Mail
from concord_notification.mail.ports import Mailer, VaultUnreadable
from concord_notification.mail.send_result import SendOutcome
from concord_notification.webhooks.domain.endpoint import DisableReason, Endpoint
from concord_notification.webhooks.ports import EndpointVault, Metrics, Store

log = structlog.get_logger("concord.webhooks")

DELIVERED_RETENTION = timedelta(days=7)
FAILED_RETENTION = timedelta(days=30)
"""The time for which operators can list and replay finished deliveries."""
DELETE_INTERVAL = timedelta(hours=1)
MAX_DELETED = 5_000


@dataclass(eq=False)
class VaultCheck:
    """Checks that the vault decrypts the secrets of all active endpoints.

    A missing key is the city's fault, not the endpoint's. Nothing goes out there until the key is back.
    """

    vault: EndpointVault
    metrics: Metrics
    _readable: set[str] = field(default_factory=set, init=False)
    _unreadable: frozenset[str] = field(default=frozenset(), init=False)

    def check(self, endpoints: Sequence[Endpoint]) -> None:
        """Decrypt new secrets. A process has the same keys for its whole life, so one success is enough."""
        active = [endpoint for endpoint in endpoints if endpoint.active]
        self._readable &= {endpoint.sealed for endpoint in active}
        unreadable = frozenset(endpoint.name for endpoint in active if not self._is_readable(endpoint.sealed))
        for name in sorted(unreadable - self._unreadable):
            log.error("no key of the vault decrypts an endpoint's secrets: restore the key", endpoint=name)
        self._unreadable = unreadable
        self.metrics.set_unreadable(len(unreadable))

    def problem(self) -> str | None:
        """Return the reason for sending nothing to some endpoints, or None."""
        count = len(self._unreadable)
        return f"no key of the vault opens the secrets of {count} webhook endpoint(s)" if count else None

    def _is_readable(self, sealed: str) -> bool:
        if sealed not in self._readable:
            try:
                self.vault.open(sealed)
            except VaultUnreadable:
                return False
            self._readable.add(sealed)
        return True


@dataclass(eq=False)
class Maintenance:
    """Runs every few seconds. `sender` is the From setting; its domain appears in message ids."""

    begin: Begin[Store]
    read: Read[Store]
    vault: EndpointVault
    mailer: Mailer
    sender: str
    vault_check: VaultCheck
    translator: Translator
    clock: Clock
    _deleted_at: datetime | None = field(default=None, init=False)

    def run_once(self) -> None:
        """Do what is due. Raises ResourceUnavailable (database away)."""
        now = self.clock()
        self._delete_old(now)
        with self.read() as store:
            unnotified = store.webhooks.unnotified()
            self.vault_check.check(store.webhooks.endpoints())
        for endpoint in unnotified:
            if self._notify(endpoint, now):
                self._mark_notified(endpoint, now)

    def _delete_old(self, now: datetime) -> None:
        if self._deleted_at is not None and timedelta(0) <= now - self._deleted_at < DELETE_INTERVAL:
            return
        with self.begin() as work:
            delivered_before, failed_before = now - DELIVERED_RETENTION, now - FAILED_RETENTION
            deleted = work.store.webhooks.delete_old(delivered_before, failed_before, MAX_DELETED)
        if deleted < MAX_DELETED:  # otherwise the next run goes on
            self._deleted_at = now

    def _notify(self, endpoint: Endpoint, now: datetime) -> bool:
        """Send the mail. Return whether this is settled: the mail went out, or nobody can get one."""
        try:
            recipient = mailbox(self.vault.open(endpoint.sealed).contact)
        except VaultUnreadable:
            return False
        if recipient is None:
            return True
        [result] = self.mailer.send([self._mail(endpoint, recipient, now)], lambda: True)
        if result.outcome is SendOutcome.REJECTED:
            log.warning("no mail can reach the contact of an endpoint", endpoint=endpoint.name, cause=result.cause)
        return result.outcome in (SendOutcome.SENT, SendOutcome.REJECTED)

    def _mail(self, endpoint: Endpoint, recipient: str, now: datetime) -> Mail:
        ended = int(endpoint.disabled_at.timestamp()) if endpoint.disabled_at else 0
        reason = endpoint.why or DisableReason.EXHAUSTED
        subject, body = endpoint_disabled(endpoint.name, reason, FAILED_RETENTION.days, self.translator)
        mail_id = f"<{endpoint.id}.{ended}@{message_id_domain(self.sender)}>"
        return Mail(mail_id, recipient, subject, body, self.translator.language, now)

    def _mark_notified(self, endpoint: Endpoint, now: datetime) -> None:
        with self.begin() as work:
            current = work.store.webhooks.endpoint(endpoint.id)
            if current and current.disabled_at == endpoint.disabled_at:
                work.store.webhooks.save(replace(current, told_at=now))
