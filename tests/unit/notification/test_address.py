"""Addresses and names come from a form that anybody can fill in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_notification.mail.address import greeting, mailbox


@pytest.mark.parametrize(
    ("given_address", "envelope"),
    [
        ("ana@example.org", "ana@example.org"),
        ("  ana+tag@Example.ORG ", "ana+tag@Example.ORG"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("rosa@straße.example", "rosa@xn--strae-oqa.example"),
        ("josé@example.org", "josé@example.org"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_addresses(given_address: str, envelope: str) -> None:
    assert mailbox(given_address) == envelope


@pytest.mark.parametrize(
    "wrong",
    [
        *(None, "", "@", "ana", "ana@", "@example.org", "a@b@example.org", "a b@example.org"),
        *("a@example.org\r\nRCPT TO:<b@example.org>", "a@exa mple.org", "<a@example.org>", "a@example.org>"),
        *("a,b@example.org", '"a b"@example.org', "a\x00@example.org", "a@-example.org", "a@example..org"),
        *(
            "a" * 65 + "@example.org",
            "a@" + "b" * 64 + ".org",
            "a@" + ".".join(["bcdefgh"] * 40),
            "a\u202e@example.org",
        ),
    ],
)
def test_what_cannot_be_an_address(wrong: str | None) -> None:
    assert mailbox(wrong) is None


@given(st.text(max_size=80))
def test_no_address_carries_anything_else(text: str) -> None:
    found = mailbox(text)
    assert found is None or not any(each in found for each in "\r\n <>\x00,;")


@pytest.mark.parametrize(
    "name", ["Ana", "Ana María O'Neill", "J. R. Smith", "Jean-Luc", "Σωκράτης", "अनिता", "Nguyễn Thị Mai", "M. Jr."]
)
def test_names(name: str) -> None:
    assert greeting(f" {name} ") == name


@pytest.mark.parametrize(
    "no_name",
    [
        None,
        "",
        " ",
        "evil.example",
        "http://evil",
        "a@b",
        "Win 100 now",
        "Ana\x00",
        "A" * 61,
        "-Ana",
        "Ana!",
        "1",
        "<b>",
    ],
)
def test_what_is_no_name(no_name: str | None) -> None:
    assert greeting(no_name) is None


def test_a_name_is_one_line() -> None:
    assert greeting("Ana\r\nBcc") == "Ana Bcc"
