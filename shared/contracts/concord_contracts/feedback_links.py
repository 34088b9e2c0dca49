"""Signed links in mails. A link lets its holder give feedback on one resolution of one concern until it expires.

A link holds the concern, the resolution, the language and the expiry time. None of them is a secret, and only a holder
of the key can make a link. The reader of a link must ensure that it counts only once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from concord_contracts.signed_links import MAX_CHARACTERS, ForgedLink, LinkSigner, read_link_keys

__all__ = ["LIFETIME", "MAX_CHARACTERS", "EndedLink", "FeedbackLink", "FeedbackLinks", "ForgedLink"]

LIFETIME = timedelta(days=14)
_PURPOSE = "concord feedback link"


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
        self._signer = LinkSigner(keys, _PURPOSE)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "FeedbackLinks":
        """Read the keys from CONCORD_LINK_KEY or from the file CONCORD_LINK_KEY_FILE. Raises KeysMissing."""
        return cls(read_link_keys(env))

    def write(self, link: FeedbackLink) -> str:
        """Return a token of characters that need no escape in a URL."""
        return self._signer.sign([link.concern_id, link.resolution, link.language, int(link.until.timestamp())])

    def read(self, token: str, now: datetime) -> FeedbackLink:
        """Return the link in a token. Raises ForgedLink for an invalid token, EndedLink for an expired one."""
        content = self._signer.unsign(token)
        try:
            concern_id, resolution, language, until = content
            link = FeedbackLink(concern_id, resolution, language, datetime.fromtimestamp(until, UTC))
        except (ValueError, TypeError) as error:
            raise ForgedLink from error
        if now >= link.until:
            raise EndedLink(link)
        return link
