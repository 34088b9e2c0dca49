"""The tables of the bus, the same in every service's database."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

Serial = BigInteger().with_variant(Integer, "sqlite")


def delivery_columns() -> list[Column[Any]]:
    """Return the columns of a delivery: headers and properties as JSON text, the body byte for byte."""
    return [
        Column("queue", Text, nullable=False),
        Column("exchange", Text, nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("redelivered", Boolean, nullable=False),
        Column("headers", Text, nullable=False),
        Column("properties", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
    ]


outbox = Table(
    "outbox",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
    Column("partition_key", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("routing_key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("not_before", Float, nullable=False),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("seen_at", Float, nullable=False),
    Index("inbox_seen_at", "seen_at"),
    sqlite_with_rowid=False,
)

waiting = Table(
    "waiting",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("partition_key", Text, nullable=False),
    *delivery_columns(),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Float, nullable=False),
    Index("waiting_partition_key", "partition_key", "seq"),
    sqlite_autoincrement=True,
)

suspects = Table(
    "suspects",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("crashes", Integer, nullable=False),
)

parked = Table(
    "parked",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("parked_at", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("event_id", Text),
    Column("event_type", Text),
    Column("partition_key", Text),
    Column("fingerprint", Text, nullable=False),
    *delivery_columns(),
    Index("parked_fingerprint", "fingerprint"),
    Index("parked_status", "status", "id"),
    sqlite_autoincrement=True,
)

operator_actions = Table(
    "operator_actions",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("operator_actions_subject", "subject", "id"),
    sqlite_autoincrement=True,
)
