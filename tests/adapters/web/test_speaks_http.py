"""What well-behaved clients of every age may expect."""

import pytest


def test_a_connection_is_kept_for_the_next_request(server):
    client = server.client()
    replies = [client.ask("GET", "/hello") for _ in range(3)]
    assert [reply.status for reply in replies] == [200] * 3
    assert replies[2].json == {"hello": "world"}


def test_connection_close_is_honoured(server):
    client = server.client()
    reply = client.ask("GET", "/hello", Connection="close")
    assert reply.headers["connection"] == "close"
    assert client.closed()


def test_pipelined_requests_are_answered_in_order(server):
    client = server.client()
    get = b"GET /v1/cases/%d HTTP/1.1\r\nHost: a\r\n\r\n"
    post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
    client.send(get % 1 + post + get % 2)
    assert [client.reply().json for _ in range(3)][1] == []
    assert client.ask("GET", "/v1/cases/3").json["id"] == "3"


def test_http_1_0_is_answered_and_closed(server):
    client = server.client().send(b"GET /hello HTTP/1.0\r\n\r\n")
    assert client.reply().json == {"hello": "world"}
    assert client.closed()


def test_http_1_0_may_keep_alive(server):
    client = server.client().send(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert client.reply().headers["connection"] == "keep-alive"
    assert client.ask("GET", "/hello").status == 200


def test_http_1_0_gets_a_stream_without_chunks(server):
    raw = b"POST /import HTTP/1.0\r\nContent-Length: 4\r\n\r\na\nb\n"
    reply = server.client().send(raw).reply()
    assert "transfer-encoding" not in reply.headers
    assert reply.body == b'{"got": "a"}\n{"got": "b"}\n'


def test_head_has_the_length_and_no_body(server):
    client = server.client()
    reply = client.ask("HEAD", "/hello")
    assert (reply.status, reply.headers["content-length"]) == (200, "17")
    assert client.ask("GET", "/hello").body == b'{"hello":"world"}'


def test_head_of_a_stream_ends_the_stream(server):
    client = server.client()
    before = client.ask("GET", "/journal").json
    assert client.ask("HEAD", "/endless").status == 200
    after = client.ask("GET", "/journal").json
    assert after["teardown"] - before["teardown"] == 2


@pytest.mark.parametrize(("path", "allow"), [("/hello", "GET, HEAD, OPTIONS"), ("/echo", "OPTIONS, POST")])
def test_options_tells_the_methods(server, path, allow):
    reply = server.ask("OPTIONS", path)
    assert (reply.status, reply.headers["allow"]) == (204, allow)


def test_options_of_the_server_and_of_nothing(server):
    assert server.ask("OPTIONS", "*").status == 204
    assert server.ask("OPTIONS", "/nowhere").status == 404


def test_an_unknown_path_is_a_problem(server):
    reply = server.ask("GET", "/nowhere")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["status"] == reply.status == 404


@pytest.mark.parametrize("method", ["GET", "DELETE", "BREW"])
def test_another_method_is_405_with_allow(server, method):
    reply = server.ask(method, "/echo")
    assert (reply.status, reply.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/concerns:batch", {"batch": True}),
        ("POST", "/v1/cases/c-1/acknowledge", {"id": "c-1"}),
        ("GET", "/requests/17.xml", {"id": "17", "format": "xml"}),
        ("GET", "/v1/cases/a%2Fb%20c?q=%C3%A9", {"id": "a/b c", "q": "é", "peer": True}),
        ("GET", "http://localhost/v1/cases/7", {"id": "7", "q": None, "peer": True}),
    ],
)
def test_paths_and_parameters(server, method, path, expected):
    body = b"" if method == "POST" else None
    assert server.ask(method, path, body).json == expected


def test_a_literal_path_wins_over_a_parameter(server):
    assert server.ask("GET", "/v1/cases/mine").body == b"mine"


def test_chunked_bodies_with_extensions_and_trailers(server):
    raw = (
        b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;name=value\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    client = server.client().send(raw)
    assert client.reply().json == {"length": 13}
    assert client.ask("GET", "/hello").status == 200


def test_a_body_is_invited_only_when_it_is_wanted(server):
    client = server.client()
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    client.send(head % (b"/length", 5))
    assert client.reply().status == 100
    assert client.send(b"hello").reply().json == {"length": 5}
    client.send(head % (b"/length", 5000))
    assert client.reply().status == 413


def test_a_small_unread_body_does_not_spoil_the_next_request(server):
    client = server.client()
    assert client.ask("POST", "/ignore", b"GET /smuggled HTTP/1.1\r\n\r\n").json == {"ignored": True}
    assert client.ask("GET", "/hello").status == 200


def test_every_answer_carries_the_security_headers_and_no_version(server):
    for reply in (server.ask("GET", "/hello"), server.ask("GET", "/nowhere")):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert "server" not in reply.headers
        assert "date" in reply.headers


def test_a_page_chooses_its_own_policies(server):
    reply = server.ask("GET", "/page", Accept="nonsense/;;q=")
    assert reply.headers["cache-control"] == "max-age=60"
    assert reply.headers["content-security-policy"] == "default-src 'self'"
    assert reply.headers["x-content-type-options"] == "nosniff"
