"""Alembic's entry: everything is in the bus, the same for every service."""

from concord_bus.adapters.sql.alembic_env import run_migrations

run_migrations()
