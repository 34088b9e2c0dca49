"""The vault: contacts under Fernet (`cryptography`), several keys for rotation, newest first."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import orjson
from cryptography.fernet import InvalidToken, MultiFernet

from concord_notification.domain.concern import Details
from concord_notification.ports import Store, Unreadable

PAGE = 200


class FernetVault:
    """See `ports.Vault`."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    def seal(self, details: Details) -> str:
        plain = orjson.dumps({"name": details.name, "email": details.email, "phone": details.phone})
        return self._keys.encrypt(plain).decode("ascii")

    def open(self, sealed: str) -> Details:
        try:
            return Details(**orjson.loads(self._keys.decrypt(sealed)))
        except InvalidToken as error:
            raise Unreadable("no key of the vault fits") from error

    def rewrap(self, sealed: str) -> str:
        try:
            return self._keys.rotate(sealed).decode("ascii")
        except InvalidToken as error:
            raise Unreadable("no key of the vault fits") from error


def rewrap(begin: Callable[[], AbstractContextManager[Store]], vault: FernetVault) -> tuple[int, int]:
    """Put every contact under the newest key; `(done, unreadable)`. Afterwards the old keys can be dropped.

    Works in pages, each its own transaction; a contact that changes meanwhile is under the newest key already.
    """
    done = unreadable = 0
    after = ""
    while True:
        with begin() as store:
            page = store.sealed(after, PAGE)
            changes = []
            for concern_id, sealed in page:
                try:
                    changes.append((concern_id, sealed, vault.rewrap(sealed)))
                except Unreadable:
                    unreadable += 1
            store.reseal(changes)
        if not page:
            return done, unreadable
        done += len(changes)
        after = page[-1][0]
