"""Routing's tables. `outcomes` counts the cases, so that nobody need scan them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from concord_bus.adapters.sql.types import UtcDateTime

metadata = MetaData()
Serial = BigInteger().with_variant(Integer, "sqlite")

cases = Table(
    "cases",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("concern_id", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("border", Boolean, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("submission", Text, nullable=False),
    Column("area", Text),
    Column("team", Text),
    Column("reason", Text),
    Column("acknowledge_by", UtcDateTime),
    Column("respond_by", UtcDateTime),
    Column("sequence", Integer, nullable=False),
    Index("cases_team", "team", "seq"),
    Index("cases_area", "area", "seq"),
    sqlite_autoincrement=True,
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome", Text, primary_key=True),
    Column("cases", BigInteger, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Index("tasks_state", "state", "seq"),
    sqlite_autoincrement=True,
)
