"""Access wired as a service wires it: a key recognised, a case worked and its trace in one transaction."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from concord_access import Action, NotAllowed, NotAuthenticated, Role, require
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.api_keys import issue
from concord_access.domain.api_key import NewApiKey
from concord_access.domain.audit_entry import Entry
from concord_access.settings import AccessSettings
from concord_bus.adapters.sql.database import Database

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PEPPER = "p" * 40
NEW_KEY = NewApiKey("night-desk", Role.OFFICER, frozenset({"north"}), frozenset(), frozenset(), timedelta(days=90))


class Store:
    """What a service's own store adds: the two of access on the same connection."""

    def __init__(self, connection):
        self.keys = SqlKeys(connection)
        self.audit = SqlAudit(connection)
        self.connection = connection


@pytest.fixture
def database(engine, databases):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE worked (case_id TEXT)"))
    made = Database(databases, Store)
    yield made
    made.dispose()


class Transactions:
    def __init__(self, database):
        self._database = database

    @contextmanager
    def read(self):
        with self._database.read() as (_, store):
            yield store

    @contextmanager
    def work(self):
        with self._database.begin() as (_, store):
            yield SimpleNamespace(store=store)


def authenticator(database):
    settings = AccessSettings.from_env({"CONCORD_ACCESS_KEY": PEPPER, "CONCORD_OPS_TOKEN": "the-operators-token"})
    return settings.authenticator(Transactions(database), lambda: NOW)


def work(database, who, case_id, team):
    """As the handler of a command would."""
    with database.begin() as (_, store):
        require(who, Action.CASE_WORK, team, "B2")
        store.connection.execute(text("INSERT INTO worked VALUES (:id)"), {"id": case_id})
        store.audit.append(Entry(NOW, who.subject, "case.acknowledged", f"case:{case_id}"))


def test_a_key_a_case_and_its_trace(database):
    with database.begin() as (_, store):
        secret, key = issue(store.keys, store.audit, NEW_KEY, PEPPER.encode(), "operator", NOW)
    known = authenticator(database)
    who = known.authenticate({"authorization": f"Bearer {secret}"})
    work(database, who, "K1", "north")
    with pytest.raises(NotAllowed):
        work(database, who, "K2", "south")
    with database.read() as (_, store):
        assert store.connection.execute(text("SELECT case_id FROM worked")).scalars().all() == ["K1"]
        assert [(row.actor, row.subject) for row in store.audit.records(after=1)] == [("key:night-desk", "case:K1")]
        assert store.keys.find(key.prefix).last_used == NOW.date()
    with database.begin() as (_, store):
        store.keys.revoke(key.prefix, NOW)
    with pytest.raises(NotAuthenticated):
        known.authenticate({"authorization": f"Bearer {secret}"})
    assert known.authenticate({"authorization": "Bearer the-operators-token"}).subject == "operator"
