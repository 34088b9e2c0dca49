"""Sessions of officers at the desk: how long one lasts, and what its holder may do."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from concord_access import Principal, Role
from concord_access.domain.permissions import default_actions
from concord_access.domain.principal import default_areas, default_teams
from concord_city.domain.model import DeskGroup

IDLE = timedelta(minutes=30)
"""A session ends this long after the last page."""
LIFE = timedelta(hours=8)
"""A session ends this long after the sign-in, whatever happens."""
SEEN_STEP = timedelta(minutes=1)
"""The store learns of a page at most this often, so that reading costs no write."""
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A session. Times are UTC. `digest` is the hash of its token, which the browser alone holds.

    `groups` are those that the provider named, as JSON, and `key_prefix` names the API key of a sign-in by key. Both
    are judged again at each page: a group that leaves desk.toml and a key that is revoked end their rights at once.
    """

    digest: str
    subject: str
    csrf: str = field(repr=False)
    started_at: datetime
    seen_at: datetime
    groups: str = "[]"
    key_prefix: str | None = None

    def live(self, now: datetime) -> bool:
        return now < self.started_at + LIFE and now < self.seen_at + IDLE

    def needs_seen(self, now: datetime) -> bool:
        """Return whether to store the time of this page."""
        return now - self.seen_at >= SEEN_STEP

    def accepts(self, csrf: str | None) -> bool:
        """Return whether a form comes from a page of this session."""
        return csrf is not None and hmac.compare_digest(self.csrf.encode(), csrf.encode())


def new_session(
    subject: str, now: datetime, groups: Iterable[str] = (), key_prefix: str | None = None
) -> tuple[str, DeskSession]:
    """Return the token for the browser, and the session to store."""
    token, csrf = secrets.token_urlsafe(_RANDOM_BYTES), secrets.token_urlsafe(_RANDOM_BYTES)
    named = json.dumps(sorted(groups), separators=(",", ":"))
    return token, DeskSession(session_digest(token), subject, csrf, now, now, named, key_prefix)


def session_digest(token: str) -> str:
    """Return what the store knows of a token. It is random, so a plain hash tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def principal_of(subject: str, groups: Iterable[str], table: Sequence[DeskGroup]) -> Principal | None:
    """Return what the groups grant by desk.toml; None if it has none of them.

    The first group of the table that fits gives the role. Others with the same role add their teams and areas; other
    roles add nothing, because a supervisor of one team may be an officer of another.
    """
    named = frozenset(groups)
    fitting = [group for group in table if group.claim in named]
    if not fitting:
        return None
    same = [group for group in fitting if group.role == fitting[0].role]
    role = Role(fitting[0].role)
    teams = frozenset().union(*(default_teams(role, group.teams) for group in same))
    areas = frozenset().union(*(default_areas(group.areas) for group in same))
    return Principal(subject, role, teams, areas, default_actions(role))
