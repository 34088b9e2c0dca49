"""API keys: `ck_<prefix>_<secret>`. The prefix finds a key, the secret proves it; the database stores a keyed hash.

The secret is 32 random bytes, so nobody can guess it. A slow hash such as scrypt would only block the process's single
thread for 0.1 s per request. HMAC-SHA-256 uses a server key outside the database. A reader of the table cannot test
guesses, and a writer to it cannot insert a key.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from concord_access.domain.errors import InvalidGrant
from concord_access.domain.permissions import actions_of, default_actions
from concord_access.domain.principal import EVERY, Action, Principal, Role, default_areas, default_teams

MAX_LIVE_KEYS = 2
"""The current key and its replacement."""
MAX_LIFETIME = timedelta(days=366)
MIN_PEPPER_BYTES = 32
"""Bytes of the server key."""

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PREFIX_LENGTH = 8
_SECRET_BYTES = 32
_SECRET_LENGTH = 43
_KEY = re.compile(rf"ck_([0-9A-Za-z]{{{_PREFIX_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH}}}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The stored part of a key. `digest` is hexadecimal, `last_used` a day in UTC: a time would reveal working
    hours."""

    prefix: str
    name: str
    digest: str = field(repr=False)
    principal: Principal
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used: date | None = None

    def live(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A request for a key. Empty teams, areas or actions mean the defaults of the role (see `principal`)."""

    name: str
    role: Role
    teams: frozenset[str]
    areas: frozenset[str]
    actions: frozenset[Action]
    life: timedelta


def new_secret() -> str:
    """Return a complete new key with its prefix, to show once."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX_LENGTH))
    return f"ck_{prefix}_{_base62(secrets.token_bytes(_SECRET_BYTES))}"


def prefix_of(secret: str) -> str | None:
    """Return the prefix of a text in the form of a key; None for any other text."""
    match = _KEY.fullmatch(secret)
    return match[1] if match else None


def digest(secret: str, pepper: bytes) -> str:
    """Return the keyed hash of a complete key."""
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def match_key(key: ApiKey | None, secret: str, pepper: bytes, now: datetime) -> ApiKey | None:
    """Return `key` if `secret` is its key and it is live. Takes as long without a key, against timing attacks."""
    stored = key.digest if key is not None else "0" * 64
    same = hmac.compare_digest(stored.encode(), digest(secret, pepper).encode())
    return key if same and key is not None and key.live(now) else None


def create_key(new_key: NewApiKey, siblings: Sequence[ApiKey], secret: str, pepper: bytes, now: datetime) -> ApiKey:
    """Return the requested key. `siblings` are all keys of its name. Raises InvalidGrant with the name of the field."""
    prefix = prefix_of(secret)
    if prefix is None:
        raise ValueError("create a key from a secret of new_secret()")
    _check_name(new_key.name)
    _check_life(new_key.life)
    live = [key.prefix for key in siblings if key.live(now)]
    if len(live) >= MAX_LIVE_KEYS:
        raise InvalidGrant("name", f"{new_key.name} has {len(live)} live keys ({', '.join(live)}); revoke one first.")
    return ApiKey(prefix, new_key.name, digest(secret, pepper), _principal(new_key), now, now + new_key.life)


def _principal(new_key: NewApiKey) -> Principal:
    _check_codes("team", new_key.teams)
    _check_codes("area", new_key.areas)
    teams = default_teams(new_key.role, new_key.teams)
    if not teams:
        raise InvalidGrant("team", f"A key with the role {new_key.role} needs at least one team.")
    may = actions_of(new_key.role)
    if beyond := sorted(new_key.actions - may):
        detail = f"The role {new_key.role} does not include {', '.join(beyond)}; it includes {', '.join(sorted(may))}."
        raise InvalidGrant("action", detail)
    actions = new_key.actions or default_actions(new_key.role)
    return Principal(f"key:{new_key.name}", new_key.role, teams, default_areas(new_key.areas), actions)


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise InvalidGrant(
            "name", "A key's name must be 1 to 64 lower-case letters, digits and hyphens, such as night-desk."
        )


def _check_life(life: timedelta) -> None:
    if not timedelta() < life <= MAX_LIFETIME:
        raise InvalidGrant("expires", f"The lifetime must be more than 0 and at most {MAX_LIFETIME.days} days.")


def _check_codes(field: str, codes: Set[str]) -> None:
    for code in sorted(codes):
        if code != EVERY and _CODE.fullmatch(code) is None:
            raise InvalidGrant(
                field, f"The code of each {field} must be 1 to 64 letters, digits, - and _, or * for all."
            )


def _base62(data: bytes) -> str:
    """Encode at a fixed width in letters and digits only, so that a double click selects a whole part."""
    number, digits = int.from_bytes(data), []
    for _ in range(_SECRET_LENGTH):
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
