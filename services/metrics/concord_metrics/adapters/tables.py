"""Tables of metrics, in addition to the message tables of the bus.

Two generations hold facts and aggregates. One is live; a rebuild fills the other and makes it live. `generations` names
both.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, Table, Text

from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_metrics.domain.aggregate_columns import COLUMN_GROUPS, ROUTING
from concord_metrics.domain.summary import DIMENSIONS

metadata = MetaData()

Serial = BigInteger().with_variant(Integer, "sqlite")
PART_NAMES = ("", "_work", "_promises", "_voice")


def columns_of_type(kind: Any, *names: str, **options: Any) -> list[Column[Any]]:
    """Columns of one type."""
    return [Column(name, kind, **options) for name in names]


def group_columns(**options: Any) -> list[Column[Any]]:
    """The group of concerns. A missing value is empty, so it can be part of a key."""
    return columns_of_type(Text, *DIMENSIONS, nullable=False, **options)


def sum_columns(names: tuple[str, ...]) -> list[Column[Any]]:
    """Counts, microseconds and concerns per bucket: whole numbers, so every order of additions gives the same sums."""
    return columns_of_type(BigInteger, *names, nullable=False, server_default="0")


@dataclass(frozen=True, slots=True)
class Generation:
    """`daily` and `overall` have one table for each of COLUMN_GROUPS."""

    name: str
    facts: Table
    daily: tuple[Table, ...]
    overall: tuple[Table, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in the order of writes."""
        return (self.facts, *self.daily, *self.overall)


def _generation(name: str, suffix: str) -> Generation:
    daily = tuple(_daily(f"daily{part}{suffix}", names) for part, names in zip(PART_NAMES, COLUMN_GROUPS, strict=True))
    rest = zip(PART_NAMES[1:], COLUMN_GROUPS[1:], strict=True)
    overall = (_overall(suffix), *(_overall_part(f"overall{part}{suffix}", names) for part, names in rest))
    return Generation(name, _facts(suffix), daily, overall)


def _facts(suffix: str) -> Table:
    return Table(
        f"facts{suffix}",
        metadata,
        Column("concern_id", Text, primary_key=True),
        Column("told_by", Integer),
        Column("received_at", UtcDateTime),
        *columns_of_type(Text, "category", "channel"),
        Column("occurred_at", UtcDateTime),
        Column("sequence", BigInteger),
        *columns_of_type(Text, "area", "team", "reason"),
        *columns_of_type(UtcDateTime, "routed_at", "unroutable_at"),
        Column("border", Boolean, nullable=False, server_default="0"),
        *columns_of_type(UtcDateTime, "acknowledged_at", "failed_at"),
        *columns_of_type(UtcDateTime, "human_acknowledged_at", "updated_at", "referred_at"),
        *columns_of_type(UtcDateTime, "resolved_at", "declined_at", "closed_at"),
        Column("turn_sequence", BigInteger),
        *columns_of_type(Text, "standing", "reopenings", "promises"),
        Column("at_risk_due", UtcDateTime),
        *columns_of_type(UtcDateTime, "withdrawn_at", "silent_at", "objected_at", "told_at", "invited_at"),
        Column("reached", Boolean, nullable=False, server_default="0"),
        Column("answers", Text),
        Index(f"facts{suffix}_received_at", "received_at"),
        Index(f"facts{suffix}_at_risk_due", "at_risk_due"),
        sqlite_with_rowid=False,
    )


def _daily(name: str, names: tuple[str, ...]) -> Table:
    day = Column("day", Date, nullable=False, primary_key=True)
    return Table(name, metadata, day, *group_columns(primary_key=True), *sum_columns(names), sqlite_with_rowid=False)


def _overall(suffix: str) -> Table:
    """The serial id keeps the groups in the order of their first events."""
    return Table(
        f"overall{suffix}",
        metadata,
        Column("id", Serial, primary_key=True, autoincrement=True),
        *group_columns(),
        *sum_columns(ROUTING),
        Index(f"overall{suffix}_group", *DIMENSIONS, unique=True),
        sqlite_autoincrement=True,
    )


def _overall_part(name: str, names: tuple[str, ...]) -> Table:
    return Table(name, metadata, *group_columns(primary_key=True), *sum_columns(names), sqlite_with_rowid=False)


GENERATIONS = {"a": _generation("a", ""), "b": _generation("b", "_b")}

generations = Table(
    "generations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("live", Text, nullable=False),
    Column("building", Text),
)

days = Table(
    "days",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("time_zone", Text, nullable=False),
)

latest = Table(
    "latest",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    *columns_of_type(Text, "type", "concern_id", nullable=False),
    *columns_of_type(Text, "category", "area", "team"),
    sqlite_autoincrement=True,
)
