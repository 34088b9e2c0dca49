"""The address of a server: a host that DNS holds, a port, and what to do about any other."""

import pytest

from concord_http import ServerAddress


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://straße.example", "xn--strae-oqa.example", 80),
        ("https://bücher.example:8443/", "xn--bcher-kva.example", 8443),
        ("http://concord_intake:8080", "concord_intake", 8080),
        ("http://[::1]:15672", "::1", 15672),
        ("http://[fe80::1%25eth0]", "fe80::1%25eth0", 80),
        ("http://host.example.", "host.example.", 80),
    ],
)
def test_the_host_is_in_ascii(url: str, host: str, port: int) -> None:
    address = ServerAddress.parse(url)
    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        *((url, "must look like http://host:port") for url in ("", "127.0.0.1:8080", "ftp://host", "http://", "host")),
        *((f"http://host:{port}", "a port from 1 to 65535") for port in ("0", "65536", "x", "-1", "8080:80")),
        ("http://i❤.example", "begins with xn--"),
        ("http://host..example", "between dots"),
        ("http://a b", "host name such as"),
        (f"http://{'a' * 64}.example", "between dots"),
    ],
)
def test_what_is_no_address_is_said(url: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        ServerAddress.parse(url)
    assert says in str(caught.value)
