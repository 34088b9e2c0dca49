"""The vault: contacts and officers' words under Fernet (`cryptography`), several keys for rotation, newest first."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import InvalidToken, MultiFernet

from concord_notification.notices.domain.concern import Details, Words
from concord_notification.notices.ports import Store, Unreadable

PAGE = 200


class FernetVault:
    """See `ports.Vault`."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    def seal(self, details: Details) -> str:
        return self._seal({"name": details.name, "email": details.email, "phone": details.phone})

    def open(self, sealed: str) -> Details:
        return Details(**self._open(sealed))

    def seal_words(self, words: Words) -> str:
        return self._seal(asdict(words))

    def open_words(self, sealed: str) -> Words:
        found = self._open(sealed)
        due_at = found.pop("due_at")
        return Words(**found, due_at=datetime.fromisoformat(due_at) if due_at else None)

    def _seal(self, content: Mapping[str, Any]) -> str:
        return self._keys.encrypt(orjson.dumps(content)).decode("ascii")

    def _open(self, sealed: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = orjson.loads(self._keys.decrypt(sealed))
        except InvalidToken as error:
            raise Unreadable("no key of the vault fits") from error
        return content

    def rewrap(self, sealed: str) -> str:
        try:
            return self._keys.rotate(sealed).decode("ascii")
        except InvalidToken as error:
            raise Unreadable("no key of the vault fits") from error


def rewrap(begin: Callable[[], AbstractContextManager[Store]], vault: FernetVault) -> tuple[int, int]:
    """Put everything under the newest key; `(done, unreadable)`. Afterwards the old keys can be dropped.

    Works in pages, each its own transaction; what changes meanwhile is under the newest key already.
    """
    contacts = _rewrap(begin, vault, lambda store, *place: store.sealed(*place), lambda store, some: store.reseal(some))
    words = _rewrap(
        begin, vault, lambda store, *place: store.sealed_words(*place), lambda store, some: store.reseal_words(some)
    )
    return contacts[0] + words[0], contacts[1] + words[1]


def _rewrap(
    begin: Callable[[], AbstractContextManager[Store]],
    vault: FernetVault,
    page_of: Callable[[Store, str, int], Sequence[tuple[str, str]]],
    write: Callable[[Store, Sequence[tuple[str, str, str]]], None],
) -> tuple[int, int]:
    done = unreadable = 0
    after = ""
    while True:
        with begin() as store:
            page = page_of(store, after, PAGE)
            changes = []
            for key, sealed in page:
                try:
                    changes.append((key, sealed, vault.rewrap(sealed)))
                except Unreadable:
                    unreadable += 1
            write(store, changes)
        if not page:
            return done, unreadable
        done += len(changes)
        after = page[-1][0]
