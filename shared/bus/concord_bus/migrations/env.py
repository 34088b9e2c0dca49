from concord_bus.adapters.sql.environment import run_migrations

run_migrations()
