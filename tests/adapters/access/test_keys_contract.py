"""What every store of API keys promises."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from concord_access import Action, InvalidGrant, Role
from concord_access.adapters.sql import audit_tables, key_tables
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.api_keys import issue
from concord_access.domain.api_key import NewApiKey, create_key, match_key, new_secret, prefix_of
from concord_access.ports import PrefixTaken
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.domain.errors import DatabaseUnavailable

NOW = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
PEPPER = b"p" * 32
ACTIONS = frozenset({Action.CASE_READ, Action.CASE_WORK})
PERIOD = timedelta(days=90)
NEW_KEY = NewApiKey("night-desk", Role.OFFICER, frozenset({"north", "south"}), frozenset({"B2"}), ACTIONS, PERIOD)


def key(secret=None, now=NOW, **request):
    return create_key(replace(NEW_KEY, **request), [], secret or new_secret(), PEPPER, now)


def test_a_key_comes_back_as_it_was(begin):
    secret = new_secret()
    made = key(secret)
    with begin() as stores:
        stores.keys.add(made)
    with begin() as stores:
        assert stores.keys.find(made.prefix) == made
        assert match_key(stores.keys.find(prefix_of(secret)), secret, PEPPER, NOW) == made
        assert stores.keys.find("unknown1") is None


def test_a_prefix_is_given_once(begin):
    secret = new_secret()
    with begin() as stores:
        stores.keys.add(key(secret))
        with pytest.raises(PrefixTaken):
            stores.keys.add(key(secret, name="another"))
        assert [key.name for key in stores.keys.all()] == ["night-desk"]


def test_by_name_and_age(begin):
    made = [key(now=NOW - timedelta(days=day), name=name) for name, day in (("b", 0), ("a", 1), ("a", 2))]
    with begin() as stores:
        for issued in made:
            stores.keys.add(issued)
        assert list(stores.keys.all()) == [made[2], made[1], made[0]]
        assert stores.keys.named("a") == [made[2], made[1]]
        assert stores.keys.named("c") == []


def test_revoked_once(begin):
    made = key()
    with begin() as stores:
        stores.keys.add(made)
        assert stores.keys.revoke(made.prefix, NOW)
        assert not stores.keys.revoke(made.prefix, NOW + timedelta(days=1))
        assert not stores.keys.revoke("unknown1", NOW)
    with begin() as stores:
        assert stores.keys.find(made.prefix) == replace(made, revoked_at=NOW)


def test_the_last_day_of_use_only_rises(begin):
    made = key()
    with begin() as stores:
        stores.keys.add(made)
        for day in (2, 3, 1):
            stores.keys.used(made.prefix, date(2026, 3, day))
        stores.keys.used("unknown1", date(2026, 3, 1))
        assert stores.keys.find(made.prefix).last_used == date(2026, 3, 3)


def test_an_action_of_a_later_version_grants_nothing(engine):
    made = key()
    with engine.begin() as connection:
        SqlKeys(connection).add(made)
        connection.execute(text("UPDATE api_keys SET actions = 'case:read future:do'"))
        assert SqlKeys(connection).find(made.prefix).principal.actions == {Action.CASE_READ}


def test_the_tables_are_those_of_the_migration(engine):
    with engine.begin() as connection:
        op = SimpleNamespace(get_bind=lambda: connection)
        for tables in (key_tables, audit_tables):
            tables.create_v1(op)
            tables.drop_v1(op)
            tables.create_v1(op)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [key_tables.metadata, audit_tables.metadata]) == []


def test_many_who_issue_at_once_make_two_keys(engine):
    made, refused, start = [], [], threading.Barrier(6)

    def one():
        start.wait(30)
        while True:
            try:
                with translate_database_errors(), engine.begin() as connection:
                    stores = SqlKeys(connection), SqlAudit(connection)
                    made.append(issue(*stores, NEW_KEY, PEPPER, "operator", NOW))
                return
            except InvalidGrant as error:
                refused.append(error)
                return
            except DatabaseUnavailable:  # SQLite's lock was busy for its second
                pass

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(made), len(refused)) == (2, 4)
    with engine.begin() as connection:
        assert len(SqlKeys(connection).named("night-desk")) == 2
        assert SqlAudit(connection).head().count == 2
