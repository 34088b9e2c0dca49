"""Encryption of private messages: one keyring for each recipient, several keys for rotation.

The algorithm is Fernet (AES-128-CBC with HMAC-SHA-256) from `cryptography`. The first key encrypts, and every key
decrypts. To rotate, put a new key first and restart every service. Remove the old key when no message from before the
rotation is left. A token shows its time of creation.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from concord_contracts.errors import BadMessage, KeysMissing

RECIPIENTS = ("routing", "notification", "intake")


def variable(recipient: str) -> str:
    """Return the environment variable with the keys of a recipient. With `_FILE` at its end it names a key file."""
    return f"CONCORD_KEYS_{recipient.upper()}"


def read_keys(env: Mapping[str, str], name: str) -> MultiFernet | None:
    """Return the Fernet keys of `read_key_texts`, or None when neither variable is set. Raises KeysMissing."""
    keys = read_key_texts(env, name)
    if not keys:
        return None
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise KeysMissing(f"{name} has a value that is not a Fernet key: use 32 bytes in base64url") from error


def read_key_texts(env: Mapping[str, str], name: str) -> list[str]:
    """Return the keys in `name` (separated by commas) or in the file `name`_FILE (one a line), newest first.

    Raises KeysMissing for an unreadable file.
    """
    text = env.get(name, "")
    if not text and env.get(f"{name}_FILE"):
        try:
            text = Path(env[f"{name}_FILE"]).read_text("utf-8")
        except OSError as error:
            raise KeysMissing(f"{name}_FILE cannot be read: {error.strerror}") from error
    return text.replace(",", " ").split()


def new_key() -> str:
    """Return a new random key."""
    return Fernet.generate_key().decode()


class Keyrings:
    """The keyrings of this process, by recipient."""

    def __init__(self, keyrings: Mapping[str, MultiFernet]) -> None:
        self._keyrings = dict(keyrings)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Keyrings":
        """Read every keyring in the environment. Raises KeysMissing for an invalid one."""
        env = os.environ if env is None else env
        keyrings = {recipient: read_keys(env, variable(recipient)) for recipient in RECIPIENTS}
        return cls({recipient: keyring for recipient, keyring in keyrings.items() if keyring})

    def has(self, recipient: str) -> bool:
        """Return whether this process has the keys of `recipient`."""
        return recipient in self._keyrings

    def seal(self, recipient: str, plain: bytes) -> str:
        """Encrypt `plain` for `recipient`. Raises KeysMissing without its keys."""
        return self._of(recipient).encrypt(plain).decode("ascii")

    def open(self, recipient: str, token: str) -> bytes:
        """Decrypt a token. Raises BadMessage when no key fits, KeysMissing without any key of the recipient."""
        try:
            return self._of(recipient).decrypt(token.encode("ascii", "replace"))
        except InvalidToken as error:
            raise BadMessage("data cannot be decrypted with any key of this service") from error

    def reseal(self, recipient: str, token: str) -> str:
        """Return a token with the same content under the newest key. Raises as `open` does."""
        try:
            return self._of(recipient).rotate(token.encode("ascii", "replace")).decode("ascii")
        except InvalidToken as error:
            raise BadMessage("data cannot be decrypted with any key of this service") from error

    def _of(self, recipient: str) -> MultiFernet:
        try:
            return self._keyrings[recipient]
        except KeyError as error:
            raise KeysMissing(f"set {variable(recipient)} or {variable(recipient)}_FILE") from error
