"""Reading heads and finding routes, as pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_web.problem import Problem
from concord_web.request_head import CHUNKED, ProtocolError, parse_head
from concord_web.router import Route, Router
from concord_web.settings import WebSettings

SETTINGS = WebSettings()


def test_a_head_in_full():
    raw = b"POST /a%20b?c=d#e HTTP/1.1\r\nHost: h\r\nAccept: x\r\nACCEPT:\t y \r\nTransfer-Encoding: Chunked"
    head = parse_head(raw, SETTINGS)
    assert (head.method, head.path, head.query, head.length) == ("POST", "/a%20b", "c=d", CHUNKED)
    assert head.headers["accept"] == "x, y"
    assert head.keep_alive


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        ("1.1", None, True),
        ("1.1", "close", False),
        ("1.1", "Upgrade, CLOSE", False),
        ("1.0", None, False),
        ("1.0", "Keep-Alive", True),
        ("1.0", "keep-alive, close", False),
    ],
)
def test_who_keeps_the_connection(version, connection, kept):
    field = f"\r\nConnection: {connection}" if connection else ""
    assert parse_head(f"GET / HTTP/{version}\r\nHost: h{field}".encode(), SETTINGS).keep_alive is kept


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    status, path = 200, "/"
    try:
        path = parse_head(raw, SETTINGS).path
    except ProtocolError as refusal:
        status = refusal.status
    assert status in (200, 400, 414, 431, 501, 505)
    assert path.startswith("/") or path == "*"


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_a_header_never_brings_in_another(value):
    raw = f"GET / HTTP/1.1\r\nHost: h\r\nX-A: {value}".encode("latin-1")
    if "\r\n" in value:
        return
    try:
        head = parse_head(raw, SETTINGS)
    except ProtocolError:
        return
    assert set(head.headers) == {"host", "x-a"}
    assert head.headers["x-a"] == value.strip(" \t")


def test_literal_paths_win_and_parameters_are_decoded():
    routes = [Route("GET", path) for path in ("/a/{x}", "/a/b", "/{y}/b", "/a/{x}.json")]
    router = Router(routes)

    def found(path):
        route, params = router.find("GET", path)
        return route.path, dict(params)

    assert found("/a/b") == ("/a/b", {})
    assert found("/a/%62") == ("/a/b", {})
    assert found("/a/1.json") == ("/a/{x}.json", {"x": "1"})
    assert found("/a/x%2Fy") == ("/a/{x}", {"x": "x/y"})
    assert found("/c/b") == ("/{y}/b", {"y": "c"})


@pytest.mark.parametrize("path", ["/", "/a/", "/a", "//a/b", "/a/b/", "/A/b"])
def test_other_paths_are_404(path):
    with pytest.raises(Problem) as caught:
        Router([Route("GET", "/a/{x}")]).find("GET", path)
    assert caught.value.status == 404


def test_get_answers_head_and_405_lists_all():
    router = Router([Route("GET", "/a"), Route("POST", "/a")])
    assert router.find("HEAD", "/a")[0].method == "GET"
    with pytest.raises(Problem) as caught:
        router.find("DELETE", "/a")
    assert caught.value.headers == {"Allow": "GET, HEAD, OPTIONS, POST"}


@pytest.mark.parametrize("path", ["a", "/a b", "/a?b", "/{a}/{a}", "/{A}", "/{a", "/{}"])
def test_malformed_routes_are_refused(path):
    with pytest.raises(ValueError, match="route path"):
        Route("GET", path)


def test_routes_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="two methods serve"):
        Router([Route("GET", "/a"), Route("GET", "/a")])
    with pytest.raises(ValueError, match="name the parameters"):
        Router([Route("GET", "/{a}"), Route("POST", "/{b}")])


def test_settings_are_checked_and_named():
    assert WebSettings.from_config({}) == WebSettings()
    assert WebSettings.from_config({"web": {"port": 0, "grace": 0}}).port == 0
    for wrong, name in (({"prot": 1}, "prot"), ({"max_body": 0}, "max_body"), ({"port": "80"}, "port")):
        with pytest.raises(ValueError, match=name):
            WebSettings.from_config({"web": wrong})
