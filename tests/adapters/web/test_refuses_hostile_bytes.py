"""Heads and bodies that two readers could read differently, or that only an attacker sends."""

import pytest

JSON = "application/json"
LONG = b"x" * 9000
MANY = "1?" + "a&" * 300


def smuggled(fields: bytes, body: bytes = b"") -> bytes:
    return b"POST /length HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + body


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (smuggled(b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
        (smuggled(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), 400),
        (smuggled(b"Content-Length: 3, 3\r\n", b"abc"), 400),
        (smuggled(b"Content-Length: +3\r\n", b"abc"), 400),
        (smuggled(b"Content-Length: -1\r\n"), 400),
        (smuggled(b"Content-Length: 0x3\r\n", b"abc"), 400),
        (smuggled(b"Content-Length: \xb2\r\n", b"ab"), 400),
        (smuggled(b"Content-Length : 3\r\n", b"abc"), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
        (smuggled(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 501),
        (smuggled(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 501),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"zz\r\nabc\r\n0\r\n\r\n"), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"-3\r\nabc\r\n0\r\n\r\n"), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"3 \r\nabc\r\n0\r\n\r\n"), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"3\nabc\n0\n\n" + LONG), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\nabc"), 400),
        (smuggled(b"Transfer-Encoding: chunked\r\n", b"0\r\n" + b"a: b\r\n" * 3000), 400),
        (b"POST /length HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\nHost: a\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
        (b"GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /h\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /" + LONG + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 101 + b"\r\n", 431),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nX: " + LONG * 4 + b"\r\n\r\n", 431),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nX: " + LONG * 20, 431),
    ],
)
def test_ambiguous_bytes_are_refused_and_the_connection_closed(server, raw, status):
    client = server.client().send(raw + b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
    reply = client.reply()
    assert (reply.status, reply.json["status"]) == (status, status)
    assert reply.headers["connection"] == "close"
    assert client.closed()


@pytest.mark.parametrize("rest", ["%zz", "%", "%ff", "a%00b", "a%0d%0ab", "1?q=%zz", "1?q=%ff", "1?q=%00", MANY])
def test_addresses_that_are_no_text_are_400(server, rest):
    client = server.client()
    assert client.ask("GET", "/v1/cases/" + rest).status == 400
    assert client.ask("GET", "/hello").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b'"\xff\xfe"',
        b'"\\ud800"',
        b"[" * 100_000,
        b"[" * 100 + b"]" * 100,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"{}{}",
        b"\xef\xbb\xbf{}x",
        b"[1,]",
    ],
)
def test_what_is_not_json_is_400(server, body):
    client = server.client()
    reply = client.ask("POST", "/echo", body, Content_Type=JSON)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert client.ask("GET", "/hello").status == 200


def test_a_key_twice_is_400(server):
    reply = server.ask("POST", "/echo", b'{"a":1,"a":2}', Content_Type=JSON)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_another_content_type_is_415(server, kind):
    assert server.ask("POST", "/echo", b"{}", Content_Type=kind).status == 415


def test_json_kinds_and_their_parameters_are_accepted(server):
    for kind in ("Application/JSON; charset=utf-8", "application/cloudevents+json"):
        assert server.ask("POST", "/echo", b"{}", Content_Type=kind).status == 200


def test_a_compressed_body_is_415(server):
    reply = server.ask("POST", "/echo", b"{}", Content_Type=JSON, Content_Encoding="gzip")
    assert reply.status == 415


def test_forms_are_read_and_bad_ones_refused(server):
    kind = "application/x-www-form-urlencoded"
    good = server.ask("POST", "/form", b"a=1&attribute%5BX%5D=h%C3%A9&a=2", Content_Type=kind)
    assert good.json == [["a", "1"], ["a", "2"], ["attribute[X]", "hé"]]
    assert server.ask("POST", "/form", b"a=%ff", Content_Type=kind).status == 400
    assert server.ask("POST", "/form", b"a=\xff", Content_Type=kind).status == 400
    assert server.ask("POST", "/form", b"{}", Content_Type=JSON).status == 415
