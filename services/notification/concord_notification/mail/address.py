"""Validation of mail addresses and names. Both come from a form that anybody can fill in."""

import re
import unicodedata
from email.utils import parseaddr

MAX_NAME_LENGTH = 60
MAX_ADDRESS_LENGTH = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets
MAX_LOCAL_LENGTH = 64  # RFC 5321, 4.5.3.1.1

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;,@\\\"]+")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
_MARKS = frozenset(" .'-\u2019")


def mailbox(address: str | None) -> str | None:
    """Return the address for the envelope, its domain in ASCII (IDNA); None when it is not a mailbox.

    Quoted local parts and comments are invalid: the result is a bare address.
    """
    local, at, domain = (address or "").strip().rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    bare = f"{local}@{host}"
    fits = at and len(local.encode()) <= MAX_LOCAL_LENGTH and len(bare.encode()) <= MAX_ADDRESS_LENGTH
    controlled = any(unicodedata.category(char).startswith("C") for char in local)
    return bare if fits and not controlled and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host) else None


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
