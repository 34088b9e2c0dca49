"""The spine's tables for Alembic migrations: each version stays as it was released."""

from typing import Any

from concord_bus.adapters.sql.tables import metadata


def create_v1(op: Any) -> None:
    """Create the spine's tables of version 1; called by each service's first migration."""
    metadata.create_all(op.get_bind())


def drop_v1(op: Any) -> None:
    """Remove them."""
    metadata.drop_all(op.get_bind())
