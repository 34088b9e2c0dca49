"""Two releases on one database: the older one starts beside a newer schema that declares it compatible."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.adapters.sql.migrate_subprocess import upgrade_in_subprocess
from concord_bus.domain.errors import DatabaseUnavailable, IncompatibleSchema, SchemaNotReady
from concord_nodes import PostgresNode

Release = Callable[..., str]
ENV = "from concord_bus.adapters.sql.alembic_env import run_migrations\n\nrun_migrations()\n"
STEP = """
import sqlalchemy as sa
from alembic import op
from concord_bus.adapters.sql import schema

revision, down_revision = "{revision}", {before!r}
{declared}

def upgrade():
    {first}op.create_table("t{revision}", sa.Column("id", sa.Integer, primary_key=True))

def downgrade():
    op.drop_table("t{revision}")
"""


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Write a package with migrations, and return its name. `works_from` holds what each revision declares."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, works_from: Sequence[str | None]) -> str:
        folder = tmp_path / name / "migrations" / "versions"
        folder.mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("")
        (folder.parent / "env.py").write_text(ENV)
        before = None
        for number, declared in enumerate(works_from, 1):
            revision = f"{number:04}"
            line = f'works_from = "{declared}"' if declared else ""
            first = "schema.create_v1(op); " if number == 1 else ""
            content = STEP.format(revision=revision, before=before, declared=line, first=first)
            (folder / f"{revision}.py").write_text(content)
            before = revision
        return name

    return write


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_an_older_release_serves_a_newer_schema_that_declares_it_compatible(databases: str, release: Release) -> None:
    older = release("older", [None, None])
    newer = release("newer", [None, None, "0002"])
    upgrade(databases, older)
    upgrade(databases, newer)
    before = tables(databases)
    upgrade_in_subprocess(databases, older)
    upgrade(databases, older, wait=True)
    assert tables(databases) == before >= {"t0001", "t0002", "t0003"}


def test_an_older_release_refuses_a_newer_schema_in_a_sentence(databases: str, release: Release) -> None:
    oldest, newest = release("oldest", [None]), release("newest", [None, None, "0002"])
    silent = release("silent", [None, None])
    upgrade(databases, newest)
    sentence = "has migrated the schema of oldest to 0003, which needs code from 0002"
    with pytest.raises(IncompatibleSchema, match=sentence):
        upgrade_in_subprocess(databases, oldest)
    assert "t0003" in tables(databases)
    upgrade(databases, silent)


def test_a_release_that_may_not_migrate_waits_until_another_process_has(databases: str, release: Release) -> None:
    older, newer = release("before", [None]), release("after", [None, "0001"])
    with pytest.raises(SchemaNotReady, match="the schema of before is older than 0001"):
        upgrade_in_subprocess(databases, older, wait=True)
    assert tables(databases) == set()
    upgrade(databases, older)
    with pytest.raises(SchemaNotReady, match="the schema of after is older than 0002"):
        upgrade(databases, newer, wait=True)
    upgrade(databases, newer)
    upgrade(databases, newer, wait=True)


def test_a_migration_does_not_queue_behind_a_lock_where_everybody_would_queue_behind_it(
    postgres: PostgresNode, postgres_url: str, release: Release
) -> None:
    older, newer = release("calm", [None]), release("calmer", [None, "0001"])
    upgrade(postgres_url, older)
    engine = create_engine(postgres_url)
    with engine.connect() as reader:
        reader.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailable) as caught:
            upgrade(postgres_url, newer)
        reader.rollback()
    engine.dispose()
    assert caught.value.problem == "is locked or too slow"
    upgrade(postgres_url, newer)


def test_concord_serve_ends_with_one_sentence_instead_of_a_traceback(tmp_path: Path, sqlite_url: str) -> None:
    upgrade(sqlite_url, "concord_metrics")
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    env = {
        "CONCORD_BROKER_URL": "amqp://127.0.0.1:1/",
        "CONCORD_DATABASE_URL": sqlite_url,
        "CONCORD_CITY": str(Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"),
        "CONCORD_OPS_TOKEN": "of-the-test",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "concord_cli", "serve", "metrics"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "a newer version has migrated the schema of concord_metrics to 9999" in done.stderr
    assert "Traceback" not in done.stderr
