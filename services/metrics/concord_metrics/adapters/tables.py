"""The tables of metrics, besides the spine's."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, Table, Text

from concord_bus.adapters.sql.types import UtcDateTime
from concord_metrics.domain.columns import WAY, WORK

metadata = MetaData()

Serial = BigInteger().with_variant(Integer, "sqlite")


def group_columns() -> list[Column[Any]]:
    """What a sum is about; empty where there is none, so that it can be part of a key."""
    return [Column(name, Text, nullable=False) for name in ("area", "category", "channel", "team")]


def key_columns() -> list[Column[Any]]:
    """The same as the key of a table."""
    return [Column(each.name, each.type, nullable=False, primary_key=True) for each in group_columns()]


def sum_columns(names: tuple[str, ...]) -> list[Column[Any]]:
    """Counts, microseconds and concerns per bucket: whole numbers, so that any order of adding ends the same."""
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in names]


facts = Table(
    "facts",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("told_by", Integer),
    Column("received_at", UtcDateTime),
    Column("category", Text),
    Column("channel", Text),
    Column("occurred_at", UtcDateTime),
    Column("sequence", BigInteger),
    Column("area", Text),
    Column("team", Text),
    Column("reason", Text),
    Column("routed_at", UtcDateTime),
    Column("unroutable_at", UtcDateTime),
    Column("border", Boolean, nullable=False, server_default="0"),
    Column("acknowledged_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("human_acknowledged_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
    Column("referred_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("declined_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("turn_sequence", BigInteger),
    Column("standing", Text),
    Column("reopenings", Text),
    Index("facts_received_at", "received_at"),
    sqlite_with_rowid=False,
)

daily = Table(
    "daily",
    metadata,
    Column("day", Date, nullable=False, primary_key=True),
    *key_columns(),
    *sum_columns(WAY),
    sqlite_with_rowid=False,
)

daily_work = Table(
    "daily_work",
    metadata,
    Column("day", Date, nullable=False, primary_key=True),
    *key_columns(),
    *sum_columns(WORK),
    sqlite_with_rowid=False,
)

overall = Table(
    "overall",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    *group_columns(),
    *sum_columns(WAY),
    Index("overall_group", "area", "category", "channel", "team", unique=True),
    sqlite_autoincrement=True,
)

overall_work = Table("overall_work", metadata, *key_columns(), *sum_columns(WORK), sqlite_with_rowid=False)

days = Table(
    "days",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("time_zone", Text, nullable=False),
)
