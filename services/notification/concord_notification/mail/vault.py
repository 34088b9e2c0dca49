"""The vault: JSON values under Fernet encryption, with several keys for rotation, newest first."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import orjson
from cryptography.fernet import InvalidToken, MultiFernet

from concord_notification.mail.ports import VaultUnreadable

PAGE = 200

S = TypeVar("S")
Rows = Sequence[tuple[str, str]]
Changes = Sequence[tuple[str, str, str]]


class FernetVault:
    """Encrypts and decrypts JSON objects. Subclasses give them types."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    def _encrypt(self, content: Mapping[str, Any]) -> str:
        return self._keys.encrypt(orjson.dumps(content)).decode("ascii")

    def _decrypt(self, sealed: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = orjson.loads(self._keys.decrypt(sealed))
        except InvalidToken as error:
            raise VaultUnreadable("no key of the vault decrypts it") from error
        return content

    def rewrap(self, sealed: str) -> str:
        """Return the same content under the newest key. Raises VaultUnreadable when no key fits."""
        try:
            return self._keys.rotate(sealed).decode("ascii")
        except InvalidToken as error:
            raise VaultUnreadable("no key of the vault decrypts it") from error


def rewrap_all(
    begin: Callable[[], AbstractContextManager[S]],
    vault: FernetVault,
    page_of: Callable[[S, str, int], Rows],
    write: Callable[[S, Changes], None],
) -> tuple[int, int]:
    """Put every row of one table under the newest key. Return the number of rows done and of unreadable rows.

    `page_of` reads `(key, sealed)` rows after a key, by ascending key; `write` takes `(key, old, new)`. Each page is
    one transaction. Afterwards you can drop the old keys: new rows are under the newest key already.
    """
    done = unreadable = 0
    after = ""
    while True:
        with begin() as store:
            page = page_of(store, after, PAGE)
            changes = []
            for key, sealed in page:
                try:
                    changes.append((key, sealed, vault.rewrap(sealed)))
                except VaultUnreadable:
                    unreadable += 1
            write(store, changes)
        if not page:
            return done, unreadable
        done += len(changes)
        after = page[-1][0]
