"""What is done for webhooks now and then.

Old deliveries are forgotten, contacts hear that an endpoint is disabled, a missing key of the vault is noticed.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

import structlog

from concord_bus.ports import Clock, Work
from concord_i18n.translator import Translator
from concord_notification.i18n.webhook_messages import endpoint_disabled
from concord_notification.mail.address import mailbox
from concord_notification.mail.message import Mail
from concord_notification.notices.domain.send_result import Remedy
from concord_notification.notices.ports import Mailer, Unreadable
from concord_notification.webhooks.application.readability import Readability
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.ports import Vault

log = structlog.get_logger("concord.webhooks")

DELIVERED_FOR = timedelta(days=7)
FAILED_FOR = timedelta(days=30)
"""How long deliveries can be looked at and replayed once they are over."""
FORGET_EVERY = timedelta(hours=1)
FORGET_AT_ONCE = 5_000

Begin = Callable[[], AbstractContextManager[Work[Any]]]
Read = Callable[[], AbstractContextManager[Any]]


class Upkeep:
    """`sender` is the From setting; its domain makes the message ids. `translator` writes to the contacts."""

    def __init__(
        self,
        begin: Begin,
        read: Read,
        vault: Vault,
        mailer: Mailer,
        sender: str,
        readability: Readability,
        translator: Translator,
        *,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._read = read
        self._vault = vault
        self._mailer = mailer
        self._domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        self._readability = readability
        self._translator = translator
        self._clock = clock
        self._forgot_at: datetime | None = None

    def run_once(self) -> None:
        """Raises ResourceUnavailable (database away)."""
        now = self._clock()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_EVERY:
            with self._begin() as work:
                forgotten = work.store.webhooks.forget(now - DELIVERED_FOR, now - FAILED_FOR, FORGET_AT_ONCE)
            if forgotten < FORGET_AT_ONCE:  # else there is more: the next run goes on
                self._forgot_at = now
        with self._read() as store:
            untold: list[Endpoint] = store.webhooks.untold()
            self._readability.look(store.webhooks.endpoints())
        for each in untold:
            if self._told(each, now):
                self._note(each, now)

    def _told(self, endpoint: Endpoint, now: datetime) -> bool:
        """Whether nothing is left to be tried: the mail went out, or there is nobody to tell."""
        try:
            recipient = mailbox(self._vault.open(endpoint.sealed).contact)
        except Unreadable:
            return False
        if recipient is None:
            return True
        [result] = self._mailer.send([self._mail(endpoint, recipient, now)], lambda: True)
        if result.remedy is Remedy.NEVER:
            log.warning("the contact of a webhook endpoint cannot be told", endpoint=endpoint.name, cause=result.cause)
        return result.remedy in (Remedy.NONE, Remedy.NEVER)

    def _mail(self, endpoint: Endpoint, recipient: str, now: datetime) -> Mail:
        ended = int(endpoint.disabled_at.timestamp()) if endpoint.disabled_at else 0
        subject, body = endpoint_disabled(endpoint.name, endpoint.why, FAILED_FOR.days, self._translator)
        mail_id = f"<{endpoint.id}.{ended}@{self._domain}>"
        return Mail(mail_id, recipient, subject, body, self._translator.language, now)

    def _note(self, endpoint: Endpoint, now: datetime) -> None:
        with self._begin() as work:
            found = work.store.webhooks.endpoint(endpoint.id)
            if found and found.disabled_at == endpoint.disabled_at:
                work.store.webhooks.save(replace(found, told_at=now))
