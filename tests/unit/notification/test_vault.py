"""Contacts are readable with a key of the vault only."""

import pytest
from cryptography.fernet import Fernet, MultiFernet

from concord_notification.mail.ports import VaultUnreadable
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
