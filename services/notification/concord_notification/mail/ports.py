"""The interface of the mailer, and the error of a missing vault key."""

from collections.abc import Callable, Sequence
from typing import Protocol

from concord_notification.mail.message import Mail
from concord_notification.mail.send_result import SendResult


class VaultUnreadable(Exception):
    """No key of the vault decrypts the text. Remedy: restore the key that encrypted it in CONCORD_VAULT_KEYS."""


class Mailer(Protocol):
    """Sends mails through a mail server. Every wait has a limit."""

    def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[SendResult]:
        """Try each mail once and return the results in the same order. Raises nothing.

        No attempt begins once `may_begin` is false or the server turns out to be away.
        """

    def probe(self) -> SendResult:
        """Connect to the server. Return SENT, or a result with the outcome BACK_OFF."""
