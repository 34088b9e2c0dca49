"""Intake's tables. Times are UTC; points are WGS 84 degrees."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, text

from concord_bus.adapters.sql.column_types import UtcDateTime

metadata = MetaData()

concerns = Table(
    "concerns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("receipt_hash", LargeBinary, nullable=False),
    Column("category", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("address", Text),
    Column("occurred_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("contact_given", Boolean, nullable=False),
    Column("events", Integer, nullable=False, server_default=text("3")),
)
Index(
    "concerns_with_contact",
    concerns.c.id,
    sqlite_where=concerns.c.contact_given,
    postgresql_where=concerns.c.contact_given,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("concern_id", Text, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Index("idempotency_keys_claimed_at", "claimed_at"),
)

imported_lines = Table(
    "imported_lines",
    metadata,
    Column("source", Text, primary_key=True),
    Column("line_id", Text, primary_key=True),
    Column("concern_id", Text, nullable=False),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("team", Text),
    Column("team_name", Text),
    Column("acknowledge_by", UtcDateTime),
    Column("respond_by", UtcDateTime),
    Column("reason", Text),
    Column("area", Text),
    Column("promise", Text),
    Column("due_at", UtcDateTime),
    sqlite_with_rowid=False,
)

words = Table(
    "words",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
    Column("where_to_go", Text),
    Column("partner", Text),
    Column("due_at", UtcDateTime),
    sqlite_with_rowid=False,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

answers = Table(
    "answers",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("resolution", Integer, primary_key=True, autoincrement=False),
    Column("fixed", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
