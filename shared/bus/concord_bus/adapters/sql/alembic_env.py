"""The content of every service's `migrations/env.py`: migrate on the connection that `migrate.upgrade` opened."""

from typing import Any

from alembic import context

from concord_bus.adapters.sql.schema_compat import note


def run_migrations() -> None:
    """Run the migrations. Offline mode does not exist: migrations run where the service starts."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        render_as_batch=connection.dialect.name == "sqlite",
        version_table=context.config.attributes["version_table"],
        on_version_apply=_noted,
    )
    with context.begin_transaction():
        context.run_migrations()


def _noted(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    note(ctx.connection, ctx.version_table, step)
