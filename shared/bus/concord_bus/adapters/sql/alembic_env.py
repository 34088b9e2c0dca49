"""The content of every service's `migrations/env.py`: migrate on the connection that `migrate.upgrade` opened."""

from alembic import context


def run_migrations() -> None:
    """Run the migrations. Offline mode does not exist: migrations run where the service starts."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        render_as_batch=connection.dialect.name == "sqlite",
        version_table=context.config.attributes["version_table"],
    )
    with context.begin_transaction():
        context.run_migrations()
