"""The audit on SQLite or PostgreSQL."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.engine import Connection

from concord_access.adapters.sql.audit_tables import audit_entries
from concord_access.adapters.sql.write_lock import lock_until_commit
from concord_access.domain.audit_entry import Entry
from concord_access.domain.audit_filter import EVERY_ENTRY, EntryFilter
from concord_access.domain.hash_chain import EMPTY, Head, Record, link

_COLUMNS = tuple(field.name for field in fields(Record))


class SqlAudit:
    """See `ports.AuditLog`. Works within the transaction of `connection`, READ COMMITTED or stricter."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: Entry) -> Head:
        lock_until_commit(self._connection, "audit")
        record = link(self.head(), entry)
        self._connection.execute(insert(audit_entries), {name: getattr(record, name) for name in _COLUMNS})
        return Head(record.seq, record.hash)

    def records(self, after: int = 0, limit: int = 1000, entry_filter: EntryFilter = EVERY_ENTRY) -> list[Record]:
        c = audit_entries.c
        query = _select_matching(entry_filter).where(c.seq > after).order_by(c.seq).limit(limit)
        return [_record(row) for row in self._connection.execute(query)]

    def head(self) -> Head:
        c = audit_entries.c
        last = self._connection.execute(select(c.seq, c.hash).order_by(c.seq.desc()).limit(1)).first()
        return EMPTY if last is None else Head(last.seq, last.hash)


def _select_matching(entry_filter: EntryFilter) -> Select[Any]:
    c = audit_entries.c
    query = select(*(c[name] for name in _COLUMNS))
    for name, text in entry_filter.texts.items():
        query = query.where(c[name] == text)
    since, before = entry_filter.span
    query = query if since is None else query.where(c.at >= since)
    return query if before is None else query.where(c.at < before)


def _record(row: Any) -> Record:
    """Convert a row. SQLite stores values of any type: a tampered one becomes its text, and the hash fails."""
    return Record(row[0], *(value if isinstance(value, str) else repr(value) for value in row[1:]))
