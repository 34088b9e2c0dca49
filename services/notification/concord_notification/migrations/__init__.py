"""Alembic migrations, run when the service starts."""
