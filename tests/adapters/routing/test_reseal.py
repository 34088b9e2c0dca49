"""Re-encrypting submissions and objections under a new key, on real databases, as an operator does it."""

import pytest
from cryptography.fernet import Fernet, MultiFernet
from routing_concerns import AT, CITY, WEST, said
from sqlalchemy import insert, select, update

from concord_bus.adapters.sql import tables as bus
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.settings import SettingsError
from concord_city import Locator
from concord_contracts.encryption import Keyrings, new_key
from concord_routing.adapters.objection_decryption import decryption_check
from concord_routing.adapters.repository import SqlStore
from concord_routing.adapters.tables import cases, history
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.resident_words import SealedContact
from concord_routing.reseal import OBJECTIONS, PAGE, SUBMISSIONS, Result, main, reseal

LOCATED = Locator(CITY).locate_all([WEST])[0]
COUNT = PAGE + 30
ENTRIES = (("CASE7", 1), ("CASE7", 2), ("CASE8", 1))
REPLIES = len(ENTRIES) + 2
"""Objections, an answer and a contact."""


def keyrings(*keys):
    return Keyrings({"routing": MultiFernet([Fernet(key) for key in keys])})


@pytest.fixture
def keys():
    return new_key(), new_key()


@pytest.fixture
def database(databases, keys):
    """Cases and objections under the older key; one entry of the history has no objection."""
    upgrade(databases, "concord_routing")
    opened = Database(databases, SqlStore)
    old = keyrings(keys[0])
    with opened.begin() as (_, store):
        store.add_cases(
            [
                open_case(CITY, said(f"c{n}"), LOCATED, old.seal("routing", b"concern %d" % n), f"CASE{n}", AT)
                for n in range(COUNT)
            ]
        )
    entry = {"action": "reopen", "at": AT, "actor": "resident", "before": "resolved", "after": "reopened"}
    required = {column.name for column in history.columns if not column.nullable and column.server_default is None}
    with opened.engine.begin() as connection:
        for case_id, version in ENTRIES:
            row = {name: entry.get(name, "x") for name in required} | {"case_id": case_id, "version": version}
            connection.execute(insert(history).values(row | {"objection": old.seal("routing", b"objection")}))
        row = {name: entry.get(name, "x") for name in required} | {"case_id": "CASE9", "version": 1}
        connection.execute(insert(history).values(row))
        row |= {"version": 2, "answer": old.seal("routing", b"answer")}
        connection.execute(insert(history).values(row))
    with opened.begin() as (_, store):
        store.save_contacts([SealedContact("c1", 3, old.seal("routing", b"contact"))])
    yield opened
    opened.dispose()


def test_every_submission_and_objection_is_put_under_the_newest_key(databases, database, keys):
    old, new = keys
    env = {"CONCORD_DATABASE_URL": databases, "CONCORD_KEYS_ROUTING": f"{new},{old}"}
    assert reseal(env) == Result(COUNT + REPLIES, 0, 0)
    only_new = keyrings(new)
    with database.engine.connect() as connection:
        submissions = connection.scalars(select(cases.c.submission).order_by(cases.c.seq)).all()
        objections = connection.scalars(select(history.c.objection).where(history.c.objection.is_not(None))).all()
    assert {only_new.open("routing", each) for each in submissions} == {b"concern %d" % n for n in range(COUNT)}
    assert [only_new.open("routing", each) for each in objections] == [b"objection"] * len(ENTRIES)
    assert reseal(env | {"CONCORD_KEYS_ROUTING": old}) == Result(0, COUNT + REPLIES, 0)


def test_a_ciphertext_that_changed_meanwhile_stays(database):
    with database.engine.begin() as connection:
        [(seq, sealed)] = SUBMISSIONS.after(None, 1, connection)
        connection.execute(update(cases).where(cases.c.seq == seq).values(submission="changed"))
        SUBMISSIONS.replace([{"k0": seq, "old": sealed, "new": "new"}], connection)
        assert SUBMISSIONS.after(None, 1, connection) == [(seq, "changed")]
        assert [row[:2] for row in OBJECTIONS.after(ENTRIES[0], 10, connection)] == list(ENTRIES[1:])


def test_messages_that_still_have_the_old_key_are_counted(databases, database, keys, monkeypatch, capsys):
    values = {"queue": "routing.submitted", "exchange": "e", "routing_key": "k", "body": b"{}", "headers": "{}"}
    with database.engine.begin() as connection:
        needed = {
            column.name: values.get(column.name, "1" if column.type.python_type is str else 1)
            for column in bus.waiting.columns
            if not column.nullable and not column.primary_key
        }
        connection.execute(insert(bus.waiting).values(needed))
    monkeypatch.setenv("CONCORD_DATABASE_URL", databases)
    monkeypatch.setenv("CONCORD_KEYS_ROUTING", ",".join(reversed(keys)))
    assert main() == 0
    assert "1 messages wait or are parked as they came: keep the old keys" in capsys.readouterr().out


def test_without_keys_nothing_is_touched(sqlite_url):
    with pytest.raises(SettingsError, match="CONCORD_KEYS_ROUTING"):
        reseal({"CONCORD_DATABASE_URL": sqlite_url})


def test_the_sample_for_the_check_of_keys_holds_submissions_and_objections(database, keys):
    with database.read() as (_, store):
        sample = store.ciphertexts()
    assert len(sample) == len(set(sample)) == 200 + REPLIES
    assert all(decryption_check(keyrings(*keys))(each) for each in sample)
    assert not any(decryption_check(keyrings(keys[1]))(each) for each in sample)
