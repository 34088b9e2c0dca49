"""The SQL repository of the desk's sessions."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.engine import Connection

from concord_routing.adapters.tables import desk_sessions
from concord_routing.domain.desk_session import IDLE, LIFE, DeskSession

_c = desk_sessions.c


class SqlDeskSessions:
    """See `ports.DeskSessions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: DeskSession) -> None:
        self._connection.execute(insert(desk_sessions).values(asdict(session)))

    def find(self, digest: str) -> DeskSession | None:
        row = self._connection.execute(select(desk_sessions).where(_c.digest == digest)).first()
        return None if row is None else DeskSession(*row)

    def seen(self, digest: str, at: datetime) -> None:
        later = update(desk_sessions).where(_c.digest == digest, _c.seen_at < at)
        self._connection.execute(later.values(seen_at=at))

    def end(self, digest: str) -> None:
        self._connection.execute(delete(desk_sessions).where(_c.digest == digest))

    def end_all(self, subject: str) -> None:
        self._connection.execute(delete(desk_sessions).where(_c.subject == subject))

    def sweep(self, now: datetime, limit: int) -> int:
        ended = or_(_c.seen_at <= now - IDLE, _c.started_at <= now - LIFE)
        some = select(_c.digest).where(ended).limit(limit)
        return self._connection.execute(delete(desk_sessions).where(_c.digest.in_(some))).rowcount
