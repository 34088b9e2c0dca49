"""The vault: JSON values under Fernet encryption, with several keys for rotation, newest first."""

from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.fernet import InvalidToken, MultiFernet

from concord_notification.mail.ports import VaultUnreadable


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

    def decrypts(self, sealed: str) -> bool:
        """Return whether a key fits."""
        try:
            self._keys.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def rewrap(self, sealed: str) -> str:
        """Return the same content under the newest key. Raises VaultUnreadable when no key fits."""
        try:
            return self._keys.rotate(sealed).decode("ascii")
        except InvalidToken as error:
            raise VaultUnreadable("no key of the vault decrypts it") from error
