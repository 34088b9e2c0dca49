"""Signed links in mails. A link lets its holder give feedback on one resolution of one concern until it expires.

A link holds the concern, the resolution, the language and the expiry time. None of them is a secret, and only a holder
of the key can make a link. The reader of a link must ensure that it counts only once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from concord_contracts.encryption import read_key_texts
from concord_contracts.errors import KeysMissing

LIFETIME = timedelta(days=14)
MAX_CHARACTERS = 400
"""Limit on the length of a token, before any other check."""

VARIABLE = "CONCORD_LINK_KEY"
MIN_KEY_CHARACTERS = 32
_PURPOSE = "concord feedback link"


class ForgedLink(ValueError):
    """The link is invalid or incomplete. Open the link in the mail again."""


class EndedLink(ValueError):
    """The link has expired. `link` is its content. Report the concern again."""

    def __init__(self, link: "FeedbackLink") -> None:
        super().__init__("the link has expired")
        self.link = link


@dataclass(frozen=True, slots=True)
class FeedbackLink:
    """`resolution` is the sequence of the event that announced it; `language` (BCP 47) is that of the mail."""

    concern_id: str
    resolution: int
    language: str
    until: datetime


class FeedbackLinks:
    """Makes tokens with the first of `keys` and reads tokens of every key.

    To rotate, put a new key first and remove the old one later.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._serializer = URLSafeSerializer(list(reversed(keys)), salt=_PURPOSE)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "FeedbackLinks":
        """Read the keys from CONCORD_LINK_KEY or from the file CONCORD_LINK_KEY_FILE. Raises KeysMissing."""
        keys = read_key_texts(env, VARIABLE)
        if not keys:
            raise KeysMissing(f"set {VARIABLE} or {VARIABLE}_FILE")
        if any(len(key) < MIN_KEY_CHARACTERS for key in keys):
            raise KeysMissing(f"{VARIABLE} must have {MIN_KEY_CHARACTERS} or more random characters")
        return cls(keys)

    def write(self, link: FeedbackLink) -> str:
        """Return a token of characters that need no escape in a URL."""
        content = [link.concern_id, link.resolution, link.language, int(link.until.timestamp())]
        return str(self._serializer.dumps(content))

    def read(self, token: str, now: datetime) -> FeedbackLink:
        """Return the link in a token. Raises ForgedLink for an invalid token, EndedLink for an expired one."""
        if len(token) > MAX_CHARACTERS or not token.isascii():
            raise ForgedLink
        try:
            concern_id, resolution, language, until = self._serializer.loads(token)
            link = FeedbackLink(concern_id, resolution, language, datetime.fromtimestamp(until, UTC))
        except (BadData, ValueError, TypeError) as error:
            raise ForgedLink from error
        if now >= link.until:
            raise EndedLink(link)
        return link
