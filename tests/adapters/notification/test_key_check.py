"""Notification compares its vault's keys with the contacts and messages that are stored, on real databases."""

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet, MultiFernet

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_notification.notices.adapters.vault import FernetContactVault
from concord_notification.notices.domain.concern import Contact, ContactDetails, OfficerMessage, SealedMessage
from concord_notification.store import SqlStore

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def vault_of(*keys: bytes) -> FernetContactVault:
    return FernetContactVault(MultiFernet([Fernet(key) for key in keys]))


@pytest.mark.parametrize(("contacts", "looked_at"), [(0, 1), (1, 2), (99, 100), (150, 151), (500, 201)])
def test_the_sample_holds_the_first_and_the_last_rows_each_once(databases: str, contacts: int, looked_at: int) -> None:
    upgrade(databases, "concord_notification")
    database = Database(databases, SqlStore)
    with database.begin() as (_, store):
        store.keep_contacts([Contact(f"c{n:03}", f"e{n}", 3, "en", f"sealed {n}", NOW) for n in range(contacts)])
        store.keep_messages([SealedMessage("e-9", "c001", "message")])
    with database.read() as (_, store):
        sample = store.ciphertexts()
    database.dispose()
    assert len(sample) == len(set(sample)) == looked_at
    assert "message" in sample
    assert contacts == 0 or {"sealed 0", f"sealed {contacts - 1}"} <= set(sample)


def test_only_the_keys_that_sealed_the_rows_decrypt_them() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    contact = vault_of(old).seal(ContactDetails("Ana Example", None, None))
    message = vault_of(old).seal_message(OfficerMessage("We went to look.", "The county", None, NOW))
    assert all(vault_of(new, old).decrypts(each) for each in (contact, message))
    assert not any(vault_of(new).decrypts(each) for each in (contact, message))
