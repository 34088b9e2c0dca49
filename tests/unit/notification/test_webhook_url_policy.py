"""Where a webhook may go, and above all where not."""

import pytest

from concord_notification.webhooks.domain.url_policy import Target, UrlRefused, allowed_addresses, parse_url

INTERNAL = frozenset({"parks.internal", "10.0.0.5"})


def test_a_plain_https_url() -> None:
    read = parse_url("https://Hooks.example.org/concord?key=1")
    assert read == Target("https", "hooks.example.org", 443, "/concord?key=1", internal=False)
    assert read.authority == "hooks.example.org"
    assert parse_url("https://hooks.example.org:8443").authority == "hooks.example.org:8443"


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.org/", "ftp://hooks.example.org/", "https:///path", "https://", "hooks.example.org"),
        *("https://user@hooks.example.org/", "https://user:word@hooks.example.org/", "https://@hooks.example.org/"),
        *("https://hooks.example.org/#part", "https://hooks.example.org:22/", "https://hooks.example.org:0/"),
        *("https://hooks.example.org:99999/", "https://hooks.example.org:x/", "https://hooks.example.org.:443/"),
        *("https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://017700000001/"),
        *("https://127.1/", "https://0x7f.1/", "https://0177.0.0.1/", "https://8.8.8.8/", "https://[::1]/"),
        *("https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[2606:4700::1]/"),
        *("https://localhost/", "https://intranet/", "https://-bad.example.org/", "https://bad_name.example.org/"),
        *(
            "https://hooks.example.org\\@10.0.0.1/",
            "https://hooks.example.org/\r\nX: y",
            "https://hooks.example.org/ x",
        ),
        *(
            "https://hooks.example.org/\t",
            "https://hoöks.example.org/",
            "https://\uff11\uff12\uff17.0.0.1/",
            "https://exa%6dple.org/",
        ),
        *("https://hooks。example.org/", "https://" + "a" * 64 + ".org/", "https://hooks.example.org/" + "x" * 2000),
        "javascript:alert(1)",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        parse_url(url, INTERNAL)


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("https://straße.example.org/", "write the host as xn--strae-oqa.example.org"),
        ("https://i❤.example.org/", "begins with xn--"),
        ("https://hooks.example.org/señal", "percent escapes, such as %C3%B1"),
    ],
)
def test_a_url_that_is_not_ascii_is_refused_with_its_ascii_form(url: str, remedy: str) -> None:
    with pytest.raises(UrlRefused) as caught:
        parse_url(url)
    assert remedy in str(caught.value)


def test_an_internal_host_may_have_http_another_port_or_an_address() -> None:
    assert parse_url("http://parks.internal:9000/x", INTERNAL) == Target("http", "parks.internal", 9000, "/x", True)
    assert parse_url("http://10.0.0.5/", INTERNAL).internal
    for url in ("http://x.parks.internal/", "https://10.0.0.6/", "http://user@parks.internal/"):
        with pytest.raises(UrlRefused):
            parse_url(url, INTERNAL)


def test_global_addresses_are_taken_in_their_order_once() -> None:
    assert allowed_addresses(["2606:4700::1", "93.184.216.34", "2606:4700::1"], internal=False) == [
        "2606:4700::1",
        "93.184.216.34",
    ]
    assert allowed_addresses(["64:ff9b::5db8:d822", "::ffff:93.184.216.34"], internal=False)
    assert len(allowed_addresses([f"93.184.216.{number}" for number in range(20)], internal=False)) == 4


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "192.88.99.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
        ),
        *("64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        *("2606:4700::1%1", "2130706433", "0x7f000001", "017700000001", "127.1", "", "hooks.example.org"),
    ],
)
def test_no_other_address_is_taken_also_not_beside_a_global_one(address: str) -> None:
    for answer in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        with pytest.raises(UrlRefused):
            allowed_addresses(answer, internal=False)


def test_no_address_is_refused() -> None:
    with pytest.raises(UrlRefused):
        allowed_addresses([], internal=False)


def test_an_internal_host_may_lie_inside_but_not_where_clouds_keep_their_secrets() -> None:
    assert allowed_addresses(["10.0.0.5", "fd00::1", "127.0.0.1", "::1"], internal=True)
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "10.0.0.5%1"):
        with pytest.raises(UrlRefused):
            allowed_addresses([address], internal=True)
