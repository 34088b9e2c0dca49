"""A mail goes to the domain that was meant, and an address without mail is refused with what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_contracts.mail_address import BadAddress, ascii_domain, envelope_address, public_address


@pytest.mark.parametrize(
    ("domain", "in_ascii"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("strasse.example", "strasse.example"),
        ("STRAẞE.example", "xn--strae-oqa.example"),
        ("faß.bücher.example", "xn--fa-hia.xn--bcher-kva.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("\uff45\uff58ample.org", "example.org"),
        ("بازار.example", "xn--mgbab2bd.example"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
        ("r3---sn.example.org", "r3---sn.example.org"),
        ("192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
    ],
)
def test_a_domain_in_ascii_by_idna_2008(domain: str, in_ascii: str) -> None:
    assert ascii_domain(domain) == in_ascii


@pytest.mark.parametrize("domain", ["i❤.example", "b_ü.example", "ü..example", "-ü.example", "ü" * 64 + ".example"])
def test_a_domain_that_dns_cannot_hold(domain: str) -> None:
    with pytest.raises(ValueError):
        ascii_domain(domain)


@pytest.mark.parametrize(
    ("typed", "envelope"),
    [
        ("rosa@straße.example", "rosa@xn--strae-oqa.example"),
        (" Rosa+tag@Example.ORG\u00a0", "Rosa+tag@Example.ORG"),
        ("jose\u0301@example.org", "josé@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
        ("a@" + "b" * 63 + ".example", "a@" + "b" * 63 + ".example"),
    ],
)
def test_an_address_that_mail_can_reach(typed: str, envelope: str) -> None:
    assert public_address(typed) == envelope


UNREACHABLE = [
    ("rosa@[192.0.2.1]", "not the number of a server"),
    ("rosa@[IPv6:2001:db8::1]", "not the number of a server"),
    ("rosa@192.0.2.1", "not the number of a server"),
    ("a" * 65 + "@example.org", "at most 64 bytes before the @"),
    ("é" * 33 + "@example.org", "at most 64 bytes before the @"),
    ("a@" + "b" * 64 + ".org", "63 between two dots"),
    ("a@" + ".".join(["bcdefgh"] * 32), "at most 253 bytes"),
    ("a@" + "é" * 300 + ".org", "at most 253 bytes"),
    ("a" * 60 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + ".org", "at most 254 bytes"),
    ("rosa@localhost", "a dot in the part after the @"),
    ("rosa@works.localhost", "Must not end in .localhost"),
    ("rosa@none.INVALID", "Must not end in .invalid"),
    ("rosa@hidden.onion", "Must not end in .onion"),
    ('"rosa vega"@example.org', "quotation marks before the @"),
    ("rosa vega@example.org", "without a name, spaces or brackets"),
    ("Rosa <rosa@example.org>", "without a name, spaces or brackets"),
    (".rosa@example.org", "without a name, spaces or brackets"),
    ("ro..sa@example.org", "without a name, spaces or brackets"),
    ("rosa\u202e@example.org", "without a name, spaces or brackets"),
    ("rosa@example.org.", "single dots"),
    ("rosa@exa_mple.org", "only letters"),
    ("rosa@i❤.example", "begins with xn--"),
    *((text, "Must be an e-mail address") for text in (" ", "rosa", "rosa@", "@example.com")),
]


@pytest.mark.parametrize(("typed", "says"), UNREACHABLE)
def test_an_address_without_mail_is_refused_with_a_remedy(typed: str, says: str) -> None:
    with pytest.raises(BadAddress, match=r"^Must .*[.]$") as caught:
        public_address(typed)
    assert says in str(caught.value)
    assert typed == " " or typed not in str(caught.value)


def test_an_envelope_may_go_to_the_servers_own_users() -> None:
    assert envelope_address("root@localhost") == "root@localhost"


@given(st.text(max_size=80))
def test_no_address_carries_anything_else(text: str) -> None:
    try:
        found = public_address(text)
    except BadAddress:
        return
    local, _, domain = found.rpartition("@")
    assert domain.isascii()
    assert len(local.encode()) <= 64
    assert not any(char in found for char in '\r\n <>\0,;"')
