"""API keys as JSON and as lines; never their secret or its hash."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from concord_access.domain.api_key import ApiKey

HEAD = ("PREFIX", "NAME", "ROLE", "TEAMS", "AREAS", "ACTIONS", "EXPIRES", "LAST USED", "STATE")


def described(key: ApiKey, now: datetime) -> dict[str, Any]:
    """Moments in UTC; `state` is live, expired or revoked."""
    who = key.principal
    return {
        "prefix": key.prefix,
        "name": key.name,
        "role": str(who.role),
        "teams": sorted(who.teams),
        "areas": sorted(who.areas),
        "actions": sorted(map(str, who.actions)),
        "issued_at": key.issued_at.isoformat(),
        "expires_at": key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        "last_used": key.last_used and key.last_used.isoformat(),
        "state": _state(key, now),
    }


def lines(keys: Sequence[ApiKey], now: datetime) -> Iterator[str]:
    """A head and a line for each key, in columns; nothing when there is none."""
    if not keys:
        return
    rows = [HEAD, *(_row(key, now) for key in keys)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(key: ApiKey, now: datetime) -> tuple[str, ...]:
    who = key.principal
    grant = (" ".join(sorted(map(str, codes))) for codes in (who.teams, who.areas, who.actions))
    used = str(key.last_used or "never")
    return (key.prefix, key.name, str(who.role), *grant, f"{key.expires_at:%Y-%m-%d}", used, _state(key, now))


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.live(now) else "expired"
