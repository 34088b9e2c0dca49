"""E-mail addresses and host names, with the domain in ASCII (IDNA 2008) as mail servers and DNS need it.

Python's own codec "idna" is IDNA 2003: it turns `straße.example` into `strasse.example`, which is another domain.
"""

import re
import unicodedata

import idna

MAX_ADDRESS_OCTETS = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets
MAX_LOCAL_OCTETS = 64  # RFC 5321, 4.5.3.1.1
MAX_DOMAIN_OCTETS = 253  # RFC 1035, 3.1: 255 octets with the lengths of the labels
EXAMPLE = "such as name@example.org"
UNREACHABLE_DOMAINS = frozenset({"invalid", "localhost", "onion"})
"""Last labels without mail: the first two by RFC 6761, the third by RFC 7686."""

_ATOM = r"[^\s\x00-\x20\x7f()<>\[\]:;,@\\\".]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)


class BadAddress(ValueError):
    """No mail can reach the address. The text is a sentence that says what to do; it does not quote the address."""


def ascii_domain(domain: str) -> str:
    """Return a domain or host in ASCII, by IDNA 2008 after the mapping of UTS 46. ASCII stays as it is.

    Raises ValueError when DNS cannot hold the name.
    """
    return domain if domain.isascii() else idna.encode(domain, uts46=True, std3_rules=True).decode()


def envelope_address(address: str) -> str:
    """Return the address for an SMTP envelope, its domain in ASCII. Raises BadAddress.

    A quoted local part is an error, so the result is a bare address without spaces.
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not at or not local or not domain:
        raise BadAddress(f"Must be an e-mail address, {EXAMPLE}.")
    bare = f"{_local(local)}@{_domain(domain)}"
    if len(bare.encode()) > MAX_ADDRESS_OCTETS:
        raise BadAddress(f"Must have at most {MAX_ADDRESS_OCTETS} bytes; give a shorter address.")
    return bare


def public_address(address: str) -> str:
    """Return the address as `envelope_address` does. Raises BadAddress also for a domain that has no mail."""
    bare = envelope_address(address)
    last = bare.rpartition("@")[2].rpartition(".")
    if not last[0]:
        raise BadAddress(f"Must have a dot in the part after the @, {EXAMPLE}.")
    if last[2].isdigit():
        raise BadAddress(f"Must have a domain name after the @, not the number of a server: {EXAMPLE}.")
    if last[2].lower() in UNREACHABLE_DOMAINS:
        raise BadAddress(f"Must not end in .{last[2].lower()}, where no mail arrives; give another address.")
    return bare


def _local(local: str) -> str:
    if local.startswith('"'):
        raise BadAddress(f"Must not have quotation marks before the @; give an address without them, {EXAMPLE}.")
    if len(local.encode()) > MAX_LOCAL_OCTETS:
        raise BadAddress(f"Must have at most {MAX_LOCAL_OCTETS} bytes before the @; give a shorter address.")
    if not _LOCAL.fullmatch(local) or any(unicodedata.category(char).startswith("C") for char in local):
        raise BadAddress(f"Must be one e-mail address without a name, spaces or brackets, {EXAMPLE}.")
    return local


def _domain(domain: str) -> str:
    if domain.startswith("["):
        raise BadAddress(f"Must have a domain name after the @, not the number of a server: {EXAMPLE}.")
    try:
        host = ascii_domain(domain) if len(domain) <= MAX_DOMAIN_OCTETS else domain
    except ValueError:
        raise BadAddress(
            "Must have a valid domain after the @; correct it, or give its ASCII form, which begins with xn--."
        ) from None
    labels = host.split(".")
    if len(host) > MAX_DOMAIN_OCTETS or max(map(len, labels)) > 63:
        raise BadAddress(
            f"Must have at most {MAX_DOMAIN_OCTETS} bytes after the @, and 63 between two dots; give a shorter address."
        )
    if not all(map(_LABEL.fullmatch, labels)):
        raise BadAddress(f"Must have only letters, digits, hyphens and single dots after the @, {EXAMPLE}.")
    return host
