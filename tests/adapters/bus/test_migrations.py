"""The spine's own migrations reach every service's database, a new one and one from before."""

import json
import sys

import pytest
import structlog
from alembic import command
from sqlalchemy import create_engine, inspect, text

from concord_bus.adapters.sql import migrate, schema
from concord_bus.adapters.sql.migrate import alembic_config, head_revision, upgrade
from concord_bus.adapters.sql.migrate_subprocess import MigrationFailed, upgrade_in_subprocess
from concord_bus.topology.declarations import SERVICES

PACKAGES = [f"concord_{name}" for name in SERVICES]


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


def as_first_released(url: str, package: str) -> None:
    """A database with the service's first migration alone, and something in the table that version 2 replaces."""
    engine = create_engine(url)
    with engine.connect() as connection:
        config = alembic_config(package)
        config.attributes.update(connection=connection, version_table="alembic_version")
        command.upgrade(config, "head")
        connection.execute(
            text("INSERT INTO parked_audit (parked_id, at, action, actor, note) VALUES (7, 1.5, 'drop', 'ana', 'why')")
        )
        connection.commit()
    engine.dispose()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_service_gets_the_newest_tables(databases: str, package: str) -> None:
    upgrade(databases, package)
    upgrade(databases, package)
    assert rows(databases, "SELECT * FROM operator_actions") == []
    assert rows(databases, f"SELECT version_num FROM {schema.VERSION_TABLE}") == [(head_revision(schema.PACKAGE),)]
    assert rows(databases, "SELECT version_num FROM alembic_version") == [(head_revision(package),)]


def test_a_database_from_before_is_upgraded_and_keeps_what_operators_did(databases: str) -> None:
    as_first_released(databases, "concord_metrics")
    assert "operator_actions" not in inspect(create_engine(databases)).get_table_names()
    upgrade(databases, "concord_metrics")
    assert rows(databases, "SELECT at, actor, action, subject, note FROM operator_actions") == [
        (1.5, "ana", "drop", "parked/7", "why")
    ]
    assert "parked_audit" not in inspect(create_engine(databases)).get_table_names()


def test_a_failure_of_the_child_is_told_by_class_and_place(
    sqlite_url: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = " ".join(("Rosa", "wrote", "this"))

    def refused(url: str, package: str, *, wait: bool) -> None:
        raise ValueError(f"duplicate key, row is {said}")

    monkeypatch.setattr(migrate, "upgrade", refused)
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.WriteLoggerFactory(file=sys.stderr)
    )
    try:
        with pytest.raises(MigrationFailed, match="migrations of concord_metrics failed"):
            upgrade_in_subprocess(sqlite_url, "concord_metrics")
    finally:
        structlog.reset_defaults()
    told = capfd.readouterr().err
    line = json.loads(told)
    assert line["event"] == "the migrations failed"
    assert "ValueError, most recent call last:" in line["error"]
    assert "in refused" in line["error"]
    assert said not in told


def test_the_way_back_loses_nothing(databases: str) -> None:
    as_first_released(databases, "concord_metrics")
    upgrade(databases, "concord_metrics")
    engine = create_engine(databases)
    with engine.connect() as connection:
        config = alembic_config(schema.PACKAGE)
        config.attributes.update(connection=connection, version_table=schema.VERSION_TABLE)
        command.downgrade(config, "base")
        connection.commit()
    engine.dispose()
    assert rows(databases, "SELECT parked_id, action, note FROM parked_audit") == [(7, "drop", "why")]
