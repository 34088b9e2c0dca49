"""API keys on SQLite or PostgreSQL."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.engine import Connection

from concord_access.adapters.sql.key_tables import api_keys
from concord_access.adapters.sql.write_lock import lock_until_commit
from concord_access.domain.api_key import ApiKey
from concord_access.domain.principal import Action, Principal, Role
from concord_access.ports import PrefixTaken
from concord_bus.adapters.sql.dialect import upsert

_c = api_keys.c
_OWN = ("prefix", "name", "digest", "issued_at", "expires_at", "revoked_at", "last_used")
"""The columns of a key itself; the others are those of its principal."""


class SqlKeys:
    """See `ports.KeyStore`. Works within the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def serialise(self, name: str) -> None:
        lock_until_commit(self._connection, f"key {name}")

    def add(self, key: ApiKey) -> None:
        statement = upsert(self._connection, api_keys, ["prefix"]).returning(_c.prefix)
        if self._connection.execute(statement, _columns(key)).first() is None:
            raise PrefixTaken

    def find(self, prefix: str) -> ApiKey | None:
        return next(self._select(select(api_keys).where(_c.prefix == prefix)), None)

    def named(self, name: str) -> list[ApiKey]:
        return list(self._select(select(api_keys).where(_c.name == name)))

    def all(self) -> Iterator[ApiKey]:
        return self._select(select(api_keys))

    def revoke(self, prefix: str, at: datetime) -> bool:
        statement = update(api_keys).where(_c.prefix == prefix, _c.revoked_at.is_(None)).values(revoked_at=at)
        return self._connection.execute(statement).rowcount == 1

    def used(self, prefix: str, day: date) -> None:
        earlier = or_(_c.last_used.is_(None), _c.last_used < day)
        self._connection.execute(update(api_keys).where(_c.prefix == prefix, earlier).values(last_used=day))

    def _select(self, statement: Select[Any]) -> Iterator[ApiKey]:
        ordered = statement.order_by(_c.name, _c.issued_at, _c.prefix)
        return (_key(row) for row in self._connection.execute(ordered))


def _columns(key: ApiKey) -> dict[str, Any]:
    principal = key.principal
    return {
        **{name: getattr(key, name) for name in _OWN},
        "role": str(principal.role),
        "teams": _join(principal.teams),
        "areas": _join(principal.areas),
        "actions": _join(principal.actions),
    }


def _key(row: Any) -> ApiKey:
    known_names = {str(action) for action in Action}
    principal = Principal(
        subject=f"key:{row.name}",
        role=Role(row.role),
        teams=frozenset(row.teams.split()),
        areas=frozenset(row.areas.split()),
        # An action of a later version grants nothing here.
        actions=frozenset(Action(action) for action in row.actions.split() if action in known_names),
    )
    moments = (row.issued_at, row.expires_at, row.revoked_at)
    return ApiKey(row.prefix, row.name, row.digest, principal, *moments, row.last_used)


def _join(codes: frozenset[Any]) -> str:
    """Join codes with spaces, which no code contains."""
    return " ".join(sorted(codes))
