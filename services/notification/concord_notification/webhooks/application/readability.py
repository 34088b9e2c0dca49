"""Watches whether the vault opens the secrets of every endpoint."""

from collections.abc import Sequence

import structlog

from concord_notification.notices.ports import Unreadable
from concord_notification.webhooks.adapters.metrics import Instruments
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.ports import Vault

log = structlog.get_logger("concord.webhooks")


class Readability:
    """A key that is missing is the city's fault and no endpoint's: nothing is sent there until it is back."""

    def __init__(self, vault: Vault, instruments: Instruments) -> None:
        self._vault = vault
        self._count = instruments
        self._opened: set[str] = set()
        self._closed: frozenset[str] = frozenset()

    def look(self, endpoints: Sequence[Endpoint]) -> None:
        """Open what was not opened yet. Once a secret is known to open it does as long as this process lives."""
        active = [each for each in endpoints if each.active]
        self._opened &= {each.sealed for each in active}
        closed = frozenset(each.name for each in active if not self._opens(each.sealed))
        for name in sorted(closed - self._closed):
            log.error("no key of the vault opens the secrets of a webhook endpoint: give back the key", endpoint=name)
        self._closed = closed
        self._count.unreadable.set(len(closed))

    def problem(self) -> str | None:
        """Why events do not go out to some, or None."""
        count = len(self._closed)
        return f"no key of the vault opens the secrets of {count} webhook endpoint(s)" if count else None

    def _opens(self, sealed: str) -> bool:
        if sealed not in self._opened:
            try:
                self._vault.open(sealed)
            except Unreadable:
                return False
            self._opened.add(sealed)
        return True
