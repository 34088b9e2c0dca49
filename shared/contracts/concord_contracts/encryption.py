"""Encryption of private messages: one keyring for each service that may read, several keys for rotation.

Fernet (AES-128-CBC with HMAC-SHA-256, `cryptography`): the first key encrypts, every key decrypts. To rotate, put a
new key first, restart all, and drop the old key when no message sealed with it can be about any more. A token shows
its time of creation.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from concord_contracts.errors import BadMessage, KeysMissing

RECIPIENTS = ("routing", "notification", "intake")


def variable(recipient: str) -> str:
    """The environment variable that holds the keys of one recipient; with `_FILE` added, of a key file."""
    return f"CONCORD_KEYS_{recipient.upper()}"


def read_keys(env: Mapping[str, str], name: str) -> MultiFernet | None:
    """Keys from `name` (comma separated) or from the file that `name`_FILE names (one a line), newest first.

    Raises KeysMissing when a key cannot be read; returns None when neither variable is set.
    """
    given = env.get(name, "")
    if not given and env.get(f"{name}_FILE"):
        try:
            given = Path(env[f"{name}_FILE"]).read_text("utf-8")
        except OSError as error:
            raise KeysMissing(f"{name}_FILE cannot be read: {error.strerror}") from error
    keys = given.replace(",", " ").split()
    if not keys:
        return None
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise KeysMissing(f"{name} holds something that is no Fernet key (32 bytes, base64url)") from error


def new_key() -> str:
    """A fresh key."""
    return Fernet.generate_key().decode()


class Keyrings:
    """The keyrings this process was given, by recipient."""

    def __init__(self, keyrings: Mapping[str, MultiFernet]) -> None:
        self._keyrings = dict(keyrings)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Keyrings":
        """Every keyring the environment holds. Raises KeysMissing for one that is set but unusable."""
        env = os.environ if env is None else env
        found = {each: read_keys(env, variable(each)) for each in RECIPIENTS}
        return cls({each: keyring for each, keyring in found.items() if keyring})

    def has(self, recipient: str) -> bool:
        """Whether this process can seal for and open what is sealed for `recipient`."""
        return recipient in self._keyrings

    def seal(self, recipient: str, plain: bytes) -> str:
        """`plain` encrypted for `recipient`. Raises KeysMissing without its keys."""
        return self._of(recipient).encrypt(plain).decode("ascii")

    def open(self, recipient: str, token: str) -> bytes:
        """What was sealed. Raises BadMessage when no key fits, KeysMissing without any key of the recipient."""
        try:
            return self._of(recipient).decrypt(token.encode("ascii", "replace"))
        except InvalidToken as error:
            raise BadMessage("data cannot be decrypted with any key given to this service") from error

    def _of(self, recipient: str) -> MultiFernet:
        try:
            return self._keyrings[recipient]
        except KeyError as error:
            raise KeysMissing(f"set {variable(recipient)} or {variable(recipient)}_FILE") from error
