"""Signed links in mails: who holds one may answer for one resolution of one concern, until it ends.

A link says no more than which concern, which resolution, in which language and until when; nothing of it is a secret,
and nobody without the key can make one. That it is used once only is for whoever reads it to see to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from concord_contracts.errors import KeysMissing

LIFETIME = timedelta(days=14)
LONGEST = 400
"""Characters of a token; a longer one is not looked at."""

VARIABLE = "CONCORD_LINK_KEY"
SHORTEST_KEY = 32
_PURPOSE = "concord feedback link"


class ForgedLink(ValueError):
    """This is no link of ours, or not the whole of it. Remedy: open the link of the mail again."""


class EndedLink(ValueError):
    """Its time is over. Remedy: report the concern again. `link` is what it was."""

    def __init__(self, link: "FeedbackLink") -> None:
        super().__init__("the link has ended")
        self.link = link


@dataclass(frozen=True, slots=True)
class FeedbackLink:
    """`resolution` is the sequence of the event that told of it; `language` (BCP 47) that of the mail."""

    concern_id: str
    resolution: int
    language: str
    until: datetime


class FeedbackLinks:
    """Makes tokens with the first of `keys` and reads those made with any: put a new key first, drop the old later."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._serializer = URLSafeSerializer(list(reversed(keys)), salt=_PURPOSE)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "FeedbackLinks":
        """Keys from CONCORD_LINK_KEY or the file CONCORD_LINK_KEY_FILE. Raises KeysMissing."""
        given = env.get(VARIABLE, "")
        if not given and env.get(f"{VARIABLE}_FILE"):
            try:
                given = Path(env[f"{VARIABLE}_FILE"]).read_text("utf-8")
            except OSError as error:
                raise KeysMissing(f"{VARIABLE}_FILE cannot be read: {error.strerror}") from error
        keys = given.replace(",", " ").split()
        if not keys:
            raise KeysMissing(f"set {VARIABLE} or {VARIABLE}_FILE")
        if any(len(key) < SHORTEST_KEY for key in keys):
            raise KeysMissing(f"{VARIABLE} must have {SHORTEST_KEY} or more characters, chosen at random")
        return cls(keys)

    def write(self, link: FeedbackLink) -> str:
        """The token, letters and digits that can stand in a URL."""
        content = [link.concern_id, link.resolution, link.language, int(link.until.timestamp())]
        return str(self._serializer.dumps(content))

    def read(self, token: str, now: datetime) -> FeedbackLink:
        """Raises ForgedLink, EndedLink."""
        if len(token) > LONGEST or not token.isascii():
            raise ForgedLink
        try:
            concern_id, resolution, language, until = self._serializer.loads(token)
            link = FeedbackLink(concern_id, resolution, language, datetime.fromtimestamp(until, UTC))
        except (BadData, ValueError, TypeError) as error:
            raise ForgedLink from error
        if now >= link.until:
            raise EndedLink(link)
        return link
