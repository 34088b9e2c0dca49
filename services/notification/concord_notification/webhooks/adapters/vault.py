"""Secrets and contacts of endpoints under the vault's keys (Fernet), like the contacts of reporters."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import InvalidToken, MultiFernet

from concord_notification.notices.ports import Unreadable
from concord_notification.webhooks.domain.endpoint import Confidence, Secret
from concord_notification.webhooks.ports import Webhooks

PAGE = 200


class SealedConfidences:
    """See `ports.Vault`."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    def seal(self, confidence: Confidence) -> str:
        secrets = [{"text": each.text, "until": each.until} for each in confidence.secrets]
        plain = orjson.dumps({"secrets": secrets, "contact": confidence.contact})
        return self._keys.encrypt(plain).decode("ascii")

    def open(self, sealed: str) -> Confidence:
        try:
            read = orjson.loads(self._keys.decrypt(sealed))
        except InvalidToken as error:
            raise Unreadable("no key of the vault fits") from error
        return Confidence(tuple(map(_secret, read["secrets"])), read["contact"])

    def rewrap(self, sealed: str) -> str:
        """The same under the newest key. Raises Unreadable when no key fits."""
        try:
            return self._keys.rotate(sealed).decode("ascii")
        except InvalidToken as error:
            raise Unreadable("no key of the vault fits") from error


def _secret(read: Any) -> Secret:
    until = read["until"]
    return Secret(read["text"], datetime.fromisoformat(until) if until else None)


def rewrap(begin: Callable[[], AbstractContextManager[Webhooks]], vault: SealedConfidences) -> tuple[int, int]:
    """Put the secrets of every endpoint under the newest key; `(done, unreadable)`."""
    done = unreadable = 0
    after = ""
    while True:
        with begin() as webhooks:
            page = webhooks.sealed(after, PAGE)
            changes = []
            for endpoint_id, sealed in page:
                try:
                    changes.append((endpoint_id, sealed, vault.rewrap(sealed)))
                except Unreadable:
                    unreadable += 1
            webhooks.reseal(changes)
        if not page:
            return done, unreadable
        done += len(changes)
        after = page[-1][0]
