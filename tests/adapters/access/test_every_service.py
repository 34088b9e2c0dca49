"""Every service keeps a chain of its own, which its database guards and `concord audit verify` judges."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from alembic import command
from click.testing import CliRunner, Result
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from concord_access.adapters.sql import audit_tables
from concord_access.audit import Entry, SqlAudit
from concord_bus.adapters.sql.database import Database, create_database_engine
from concord_bus.adapters.sql.migrate import SERVICE_VERSION_TABLE, alembic_config, upgrade
from concord_bus.topology.declarations import SERVICES
from concord_cli.commands import concord

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BEFORE_THE_AUDIT = {"intake": "0002", "routing": "0003", "notification": "0003", "metrics": "0003"}


class Kept:
    """The database of a service as its migrations make it, with an audit of five entries by the service's own store."""

    def __init__(self, service: str, url: str) -> None:
        self.url = url
        upgrade(url, f"concord_{service}")
        repository = "store" if service == "notification" else "adapters.repository"
        self.database = Database(url, import_module(f"concord_{service}.{repository}").SqlStore)
        for number in range(1, 6):
            with self.database.begin() as (_, store):
                store.audit.append(Entry(AT + timedelta(minutes=number), "user:7f3a", "thing.done", f"thing:{number}"))

    def run(self, *statements: str) -> None:
        with self.database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def unguard(self) -> None:
        """As somebody who owns the database."""
        if self.database.dialect == "sqlite":
            self.run(*(f"DROP TRIGGER audit_entries_{name}" for name in ("no_update", "no_delete", "at_the_end")))
        else:
            self.run("ALTER TABLE audit_entries DISABLE TRIGGER USER")

    def verify(self, *arguments: str) -> Result:
        return CliRunner().invoke(concord, ["audit", "verify", "--database", self.url, *arguments])


@pytest.fixture(params=SERVICES)
def kept(request: pytest.FixtureRequest, databases: str) -> Iterator[Kept]:
    made = Kept(request.param, databases)
    yield made
    made.database.dispose()


def swapped(one: int, other: int) -> tuple[str, ...]:
    moves = ((one, 100), (other, one), (100, other))
    return tuple(f"UPDATE audit_entries SET seq = {new} WHERE seq = {old}" for old, new in moves)


CLOSED_UP = ("DELETE FROM audit_entries WHERE seq = 3", *swapped(3, 4), *swapped(4, 5))


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (("UPDATE audit_entries SET actor = 'user:0000' WHERE seq = 3",), "entry 3: changed"),
        (("UPDATE audit_entries SET details = '{\"a\": 1}' WHERE seq = 5",), "entry 5: changed"),
        (("DELETE FROM audit_entries WHERE seq = 2",), "entry 2: missing"),
        (CLOSED_UP, "entry 3: reordered"),
        (swapped(2, 3), "entry 2: reordered"),
        (("DELETE FROM audit_entries WHERE seq > 3",), "entry 4: cut-off"),
    ],
    ids=["changed", "changed-last", "missing", "closed-up", "reordered", "cut-off"],
)
def test_what_was_done_to_an_entry_is_found(kept: Kept, statements: tuple[str, ...], told: str) -> None:
    whole = kept.verify()
    assert (whole.exit_code, "5 entries, whole" in whole.stdout) == (0, True)
    for statement in statements[:1]:
        with pytest.raises(DBAPIError, match="audit entries cannot be"):
            kept.run(statement)
    kept.unguard()
    kept.run(*statements)
    verified = kept.verify("--expect", whole.stdout.split()[-1])
    assert (verified.exit_code, "BROKEN" in verified.stdout) == (1, True)
    assert told in verified.stdout.splitlines()[0]


@pytest.mark.parametrize("service", SERVICES)
def test_the_audit_comes_to_a_database_from_before_and_can_go(service: str, databases: str) -> None:
    """Also where `concord token` has made the table already, whose entries stay."""
    engine = create_database_engine(databases)

    def migrate(revision: str, *, down: bool = False) -> None:
        with engine.connect() as connection:
            config = alembic_config(f"concord_{service}")
            config.attributes.update(connection=connection, version_table=SERVICE_VERSION_TABLE)
            (command.downgrade if down else command.upgrade)(config, revision)
            connection.commit()

    migrate(BEFORE_THE_AUDIT[service])
    with engine.begin() as connection:
        assert not inspect(connection).has_table("audit_entries")
        audit_tables.metadata.create_all(connection)
        SqlAudit(connection).append(Entry(AT, "cli:1000", "key.issued", "key:abc"))
    upgrade(databases, f"concord_{service}")
    with engine.begin() as connection:
        assert SqlAudit(connection).head().count == 1
    migrate(BEFORE_THE_AUDIT[service], down=True)
    with engine.connect() as connection:
        assert not inspect(connection).has_table("audit_entries")
    engine.dispose()
