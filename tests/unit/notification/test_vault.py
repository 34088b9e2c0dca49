"""Contacts are readable with a key of the vault only, and can be put under a new one."""

from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from tests.memory.notices import MemoryNoticeStore

from concord_notification.mail.ports import VaultUnreadable
from concord_notification.mail.vault import rewrap_all
from concord_notification.notices.adapters.vault import FernetContactVault
from concord_notification.notices.domain.concern import ContactDetails

DETAILS = ContactDetails("Ana", "ana@example.org", "617-555-0101")


def key() -> Fernet:
    return Fernet(Fernet.generate_key())


def test_sealed_and_opened() -> None:
    vault = FernetContactVault(MultiFernet([key()]))
    sealed = vault.seal(DETAILS)
    assert vault.open(sealed) == DETAILS
    assert sealed != vault.seal(DETAILS)


def test_another_key_opens_nothing() -> None:
    sealed = FernetContactVault(MultiFernet([key()])).seal(DETAILS)
    with pytest.raises(VaultUnreadable):
        FernetContactVault(MultiFernet([key()])).open(sealed)


def test_rotation_lets_the_old_key_go(scene: Any, given: Any) -> None:
    for number in range(450):
        scene.deliver(given.contact(f"c{number:03}"))
    new, old = key(), scene.vault._keys
    both = FernetContactVault(MultiFernet([new, *old._fernets]))
    broken = next(iter(scene.store.contacts.values()))
    scene.store.keep_contacts([broken.__class__(broken.concern_id, "z", 9, "en", "gAAAA", broken.given_at)])
    assert rewrap_all(scene.read, both, MemoryNoticeStore.sealed_contacts, MemoryNoticeStore.reseal_contacts) == (
        449,
        1,
    )
    only_new = FernetContactVault(MultiFernet([new]))
    readable = [each for each in scene.store.contacts.values() if each.sealed != "gAAAA"]
    assert {only_new.open(each.sealed).name for each in readable} == {"Ana"}
    assert len(readable) == 449
