"""Whom a mail goes to and how it addresses them, given that both come from a form anybody can fill in."""

import re
import unicodedata

NAME_LIMIT = 60
ADDRESS_LIMIT = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets
LOCAL_LIMIT = 64  # RFC 5321, 4.5.3.1.1

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;,@\\\"]+")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
_MARKS = frozenset(" .'-\u2019")


def mailbox(address: str | None) -> str | None:
    """The address as it goes on the envelope, its domain in ASCII (IDNA); None when it cannot be one.

    Quoted local parts and comments are not accepted: nothing but an address may come out.
    """
    local, at, domain = (address or "").strip().rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    whole = f"{local}@{host}"
    plain = at and len(local.encode()) <= LOCAL_LIMIT and len(whole.encode()) <= ADDRESS_LIMIT
    controlled = any(unicodedata.category(each).startswith("C") for each in local)
    return whole if plain and not controlled and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host) else None


def greeting(name: str | None) -> str | None:
    """The name if it reads like one, else None.

    Anybody can leave somebody else's address with words of their own as the name. So that Concord carries no
    advertisement to a stranger, only letters, spaces, hyphens, apostrophes and dots before a space pass.
    """
    plain = unicodedata.normalize("NFC", " ".join((name or "").split()))
    if not 0 < len(plain) <= NAME_LIMIT or not plain[0].isalpha():
        return None
    written = all(each in _MARKS or unicodedata.category(each)[0] in "LM" for each in plain)
    dots = all(plain[at + 1 : at + 2] in ("", " ") for at, each in enumerate(plain) if each == ".")
    return plain if written and dots else None
