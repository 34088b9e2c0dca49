"""Rotating the vault's keys on real databases, as an operator does it."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.settings import SettingsError
from concord_notification.notices.adapters.vault import FernetContactVault
from concord_notification.notices.domain.concern import Contact, ContactDetails, OfficerMessage, SealedMessage
from concord_notification.rotate_vault_keys import CONTACTS, OFFICER_MESSAGES, main, rotate
from concord_notification.store import SqlStore

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_every_contact_and_word_is_put_under_the_newest_key(databases: str) -> None:
    upgrade(databases, "concord_notification")
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    vault = FernetContactVault(MultiFernet([Fernet(old)]))
    database = Database(databases, SqlStore)
    with database.begin() as (_, store):
        sealed = [vault.seal(ContactDetails(f"Name {n}", None, None)) for n in range(250)]
        store.keep_contacts([Contact(f"c{n:03}", f"e{n}", 3, "en", each, NOW) for n, each in enumerate(sealed)])
        words = OfficerMessage("We went to look.", "The county", None, NOW)
        store.keep_messages([SealedMessage("e-9", "c001", vault.seal_message(words))])
    env = {"CONCORD_DATABASE_URL": databases, "CONCORD_VAULT_KEYS": f"{new},{old}"}
    assert rotate(env) == (251, 0)
    only_new = FernetContactVault(MultiFernet([Fernet(new)]))
    with database.engine.begin() as connection:
        names = [only_new.open(sealed).name for _, sealed in CONTACTS.after("", 1000, connection)]
        [(_, sealed_messages)] = OFFICER_MESSAGES.after("", 10, connection)
        [(row, sealed_contact)] = CONTACTS.after("c006", 1, connection)
        CONTACTS.replace([{"row": row, "old": sealed_contact, "new": "gAAAA"}], connection)
    database.dispose()
    assert only_new.open_message(sealed_messages) == words
    assert names == [f"Name {n}" for n in range(250)]
    assert rotate(env) == (250, 1)
    assert rotate({**env, "CONCORD_VAULT_KEYS": old}) == (0, 251)


def test_a_ciphertext_that_changed_meanwhile_stays(databases: str) -> None:
    upgrade(databases, "concord_notification")
    database = Database(databases, SqlStore)
    with database.begin() as (_, store):
        store.keep_messages([SealedMessage(each, "a", "sealed") for each in ("x", "y", "z")])
    changes = [{"row": "x", "old": "sealed", "new": "new"}, {"row": "y", "old": "not that", "new": "new"}]
    with database.engine.begin() as connection:
        assert OFFICER_MESSAGES.after("x", 10, connection) == [("y", "sealed"), ("z", "sealed")]
        OFFICER_MESSAGES.replace(changes, connection)
        assert OFFICER_MESSAGES.after("", 2, connection) == [("x", "new"), ("y", "sealed")]
    database.dispose()


def test_without_keys_nothing_is_touched(sqlite_url: str) -> None:
    with pytest.raises(SettingsError, match="CONCORD_VAULT_KEYS"):
        rotate({"CONCORD_DATABASE_URL": sqlite_url})


def test_a_file_that_is_no_database_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("This is a text, and long enough to be read as the head of a database." * 40)
    monkeypatch.setenv("CONCORD_DATABASE_URL", f"sqlite:///{tmp_path / 'notes.txt'}")
    monkeypatch.setenv("CONCORD_VAULT_KEYS", Fernet.generate_key().decode())
    assert main() == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "correct CONCORD_DATABASE_URL" in said


@pytest.mark.parametrize("module", ["concord_notification.rotate_vault_keys", "concord_routing.reseal"])
def test_without_settings_a_program_prints_one_line_and_no_warning(module: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
    ended = subprocess.run([sys.executable, "-m", module], env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("Cannot r")
