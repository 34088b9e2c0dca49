"""Alembic's entry: migrates on the connection of the service that starts."""

from concord_bus.adapters.sql.alembic_env import run_migrations

run_migrations()
