"""Intake's tables. Times are UTC; points are WGS 84 degrees."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

from concord_bus.adapters.sql.types import UtcDateTime

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
    sqlite_with_rowid=False,
)
