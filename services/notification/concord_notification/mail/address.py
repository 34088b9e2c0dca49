"""Validation of mail addresses and names. Both come from a form that anybody can fill in."""

import unicodedata
from email.utils import parseaddr

from concord_contracts.mail_address import BadAddress, envelope_address

MAX_NAME_LENGTH = 60

_MARKS = frozenset(" .'-\u2019")


def mailbox(address: str | None) -> str | None:
    """Return the address for the envelope, its domain in ASCII (IDNA 2008); None when it is not a mailbox."""
    try:
        return envelope_address(address or "")
    except BadAddress:
        return None


def greeting(name: str | None) -> str | None:
    """Return the name if it reads like one, else None.

    Anybody can enter a stranger's address and an advertisement as the name. Concord must not carry it to the
    stranger. So only letters, spaces, hyphens, apostrophes and dots before a space pass.
    """
    plain = unicodedata.normalize("NFC", " ".join((name or "").split()))
    if not 0 < len(plain) <= MAX_NAME_LENGTH or not plain[0].isalpha():
        return None
    letters = all(char in _MARKS or unicodedata.category(char)[0] in "LM" for char in plain)
    dots = all(plain[at + 1 : at + 2] in ("", " ") for at, char in enumerate(plain) if char == ".")
    return plain if letters and dots else None


def message_id_domain(sender: str) -> str:
    """Return the domain for message ids: that of the From setting, such as `Boston <concord@example.org>`."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
