from concord_bus.adapters.sql.alembic_env import run_migrations

run_migrations()
