"""API keys as JSON and as text, without their secrets or hashes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from concord_access.domain.api_key import ApiKey
from concord_cli.common.terminal_text import table

HEAD = ("PREFIX", "NAME", "ROLE", "TEAMS", "AREAS", "ACTIONS", "EXPIRES", "LAST USED", "STATE")


def to_json(key: ApiKey, now: datetime) -> dict[str, Any]:
    """Return times in UTC; `state` is live, expired or revoked."""
    principal = key.principal
    return {
        "prefix": key.prefix,
        "name": key.name,
        "role": str(principal.role),
        "teams": sorted(principal.teams),
        "areas": sorted(principal.areas),
        "actions": sorted(map(str, principal.actions)),
        "issued_at": key.issued_at.isoformat(),
        "expires_at": key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        "last_used": key.last_used and key.last_used.isoformat(),
        "state": _state(key, now),
    }


def key_table(keys: Sequence[ApiKey], now: datetime) -> str:
    if not keys:
        return "No keys yet: see concord token issue --help"
    return table([HEAD, *(_row(key, now) for key in keys)])


def _row(key: ApiKey, now: datetime) -> tuple[str, ...]:
    principal = key.principal
    grant = (" ".join(sorted(map(str, codes))) for codes in (principal.teams, principal.areas, principal.actions))
    last_used = str(key.last_used or "never")
    return (
        key.prefix,
        key.name,
        str(principal.role),
        *grant,
        f"{key.expires_at:%Y-%m-%d}",
        last_used,
        _state(key, now),
    )


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.live(now) else "expired"
