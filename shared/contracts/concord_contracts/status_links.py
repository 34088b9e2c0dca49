"""Signed links to the page on which a reporter follows one concern. Each mail to the reporter carries one.

A link holds the concern, the language and the expiry time. None of them is a secret, and only a holder of the key can
make a link. It opens the same as the receipt does, as often as its holder likes, until it expires; a later mail has a
link that lasts longer. It signs with the key of the feedback links, for another purpose: neither link opens what the
other does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from concord_contracts.signed_links import ForgedLink, LinkSigner, read_link_keys

LIFETIME = timedelta(days=30)
_PURPOSE = "concord status link"


@dataclass(frozen=True, slots=True)
class StatusLink:
    """`language` (BCP 47) is that of the mail. `until` is UTC, in whole seconds."""

    concern_id: str
    language: str
    until: datetime


class EndedStatusLink(ValueError):
    """The link has expired. `link` is its content. Open the link of a later mail, or use the receipt."""

    def __init__(self, link: StatusLink) -> None:
        super().__init__("the link has expired")
        self.link = link


class StatusLinks:
    """Makes tokens with the first of `keys` and reads tokens of every key.

    To rotate, put a new key first and remove the old one 30 days later.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._signer = LinkSigner(keys, _PURPOSE)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "StatusLinks":
        """Read the keys from CONCORD_LINK_KEY or from the file CONCORD_LINK_KEY_FILE. Raises KeysMissing."""
        return cls(read_link_keys(env))

    def write(self, link: StatusLink) -> str:
        """Return a token of characters that need no escape in a URL."""
        return self._signer.sign([link.concern_id, link.language, int(link.until.timestamp())])

    def read(self, token: str, now: datetime) -> StatusLink:
        """Return the link in a token. Raises ForgedLink for an invalid token, EndedStatusLink for an expired one."""
        content = self._signer.unsign(token)
        try:
            concern_id, language, until = content
            link = StatusLink(concern_id, language, datetime.fromtimestamp(until, UTC))
        except (ValueError, TypeError) as error:
            raise ForgedLink from error
        if now >= link.until:
            raise EndedStatusLink(link)
        return link
