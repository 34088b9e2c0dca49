"""The table of API keys: hashes and grants, no secret."""

from typing import Any

from sqlalchemy import Column, Date, Index, MetaData, Table, Text

from concord_bus.adapters.sql.column_types import UtcDateTime

metadata = MetaData()

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("teams", Text, nullable=False),
    Column("areas", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("last_used", Date),
    Index("api_keys_name", "name"),
)


def create_v1(op: Any) -> None:
    """Create the table of version 1 if it is missing; for a service's migration."""
    metadata.create_all(op.get_bind())


def drop_v1(op: Any) -> None:
    """Drop the table with all keys."""
    metadata.drop_all(op.get_bind())
