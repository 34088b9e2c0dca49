"""What the probe writes: every effect as often as it happened, and the newest word on each concern."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, insert, text
from sqlalchemy.engine import Connection

from concord_contracts import Event

metadata = MetaData()

effects = Table(
    "effects",
    metadata,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("concern_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    sqlite_autoincrement=True,
)

newest = Table(
    "newest",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("event_id", Text, nullable=False),
)

KEEP_NEWER = text(
    "INSERT INTO newest (concern_id, sequence, event_id) VALUES (:concern_id, :sequence, :event_id)"
    " ON CONFLICT (concern_id) DO UPDATE SET sequence = excluded.sequence, event_id = excluded.event_id"
    " WHERE excluded.sequence > newest.sequence"
)


class ProbeStore:
    """Bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, events: Sequence[Event[Any]]) -> None:
        rows = [
            {"concern_id": event.partitionkey, "event_id": event.id, "sequence": event.sequence}
            for event in sorted(events, key=lambda event: event.partitionkey)
        ]
        happened = [{"concern_id": row["concern_id"], "event_id": row["event_id"]} for row in rows]
        self._connection.execute(insert(effects), happened)
        self._connection.execute(KEEP_NEWER, rows)
