"""Signing of the links in mails: their keys, and tokens that nobody without a key can make."""

from collections.abc import Mapping, Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from concord_contracts.encryption import read_key_texts
from concord_contracts.errors import KeysMissing

VARIABLE = "CONCORD_LINK_KEY"
MIN_KEY_CHARACTERS = 32
MAX_CHARACTERS = 400
"""Limit on the length of a token, before any other check."""


class ForgedLink(ValueError):
    """The link is invalid or incomplete. Open the link in the mail again."""


class LinkSigner:
    """Signs with the first of `keys`, and accepts signatures of every key. A token serves only its own `purpose`."""

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        self._serializer = URLSafeSerializer(list(reversed(keys)), salt=purpose)

    def sign(self, content: Sequence[Any]) -> str:
        """Return a token of characters that need no escape in a URL."""
        return str(self._serializer.dumps(content))

    def unsign(self, token: str) -> Any:
        """Return the content of a token. Raises ForgedLink."""
        if len(token) > MAX_CHARACTERS or not token.isascii():
            raise ForgedLink
        try:
            return self._serializer.loads(token)
        except BadData as error:
            raise ForgedLink from error


def read_link_keys(env: Mapping[str, str]) -> list[str]:
    """Return the keys in CONCORD_LINK_KEY or in the file CONCORD_LINK_KEY_FILE, newest first. Raises KeysMissing."""
    keys = read_key_texts(env, VARIABLE)
    if not keys:
        raise KeysMissing(f"set {VARIABLE} or {VARIABLE}_FILE")
    if any(len(key) < MIN_KEY_CHARACTERS for key in keys):
        raise KeysMissing(f"{VARIABLE} must have {MIN_KEY_CHARACTERS} or more random characters")
    return keys
