"""One client's connections and streams must not take the turn of the others. A client is an address of loopback."""

import socket
import time

from .conftest import Client, Reply

GET = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
BATCH = b"POST /import HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
LOGIN = b"\r\nAuthorization: Bearer letmein\r\n\r\n"
BODY = b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nx"


def from_address(running, address: str) -> Client:
    client = Client.__new__(Client)
    client.sock = socket.create_connection(("127.0.0.1", running.port), timeout=5, source_address=(address, 0))
    client.file = client.sock.makefile("rb")
    return client


def refused(reply: Reply) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status, reply.headers["retry-after"]


def test_a_client_has_a_share_and_the_others_the_rest(serve):
    running = serve(max_connections=20, max_connections_per_client=5)
    greedy = [from_address(running, "127.0.0.2").send(BODY) for _ in range(5)]
    running.eventually(lambda: "concord_http_connections 6.0" in running.ask("GET", "/metrics").body.decode())
    assert refused(from_address(running, "127.0.0.2").reply()) == (429, "5")
    assert running.ask("GET", "/hello").status == 200
    assert 'refused_total{reason="share"} 1.0' in running.ask("GET", "/metrics").body.decode()
    greedy[0].send(b"x" * 49)
    assert greedy[0].reply().status == 200
    assert from_address(running, "127.0.0.2").send(GET).reply().status == 200, "its own idle connection makes room"
    assert greedy[0].closed()


def test_dripping_bodies_make_room_when_all_connections_are_taken(serve):
    running = serve(max_connections=8)
    dripping = [from_address(running, "127.0.0.2").send(BODY) for _ in range(8)]
    running.eventually(lambda: running.ask("GET", "/hello").status == 200, seconds=2)
    first = dripping[0].reply()
    assert (first.status, dripping[0].closed()) == (408, True)
    assert running.ask("GET", "/hello").status == 200


def test_behind_a_proxy_the_share_is_of_the_forwarded_address(serve):
    running = serve(forwarded_hops=1, max_connections_per_client=1)
    head = b"GET /slow?seconds=2 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.9.9.9, 203.0.113.7\r\n\r\n"
    slow = running.client().send(head)
    running.eventually(lambda: running.ask("GET", "/hello", X_Forwarded_For="10.1.1.1, 203.0.113.7").status == 429)
    assert running.ask("GET", "/hello", X_Forwarded_For="203.0.113.8").status == 200
    assert slow.reply().status == 200
    assert slow.ask("GET", "/hello", X_Forwarded_For="203.0.113.7").status == 200


def test_streams_have_a_pool_of_their_own(serve):
    running = serve(max_streams=3, max_streams_per_client=2)
    first = [from_address(running, "127.0.0.2").send(BATCH) for _ in range(2)]
    assert [client.head()[0] for client in first] == [200, 200]
    assert refused(from_address(running, "127.0.0.2").send(BATCH).reply()) == (429, "10")
    second = from_address(running, "127.0.0.3").send(BATCH)
    assert second.head()[0] == 200
    assert refused(from_address(running, "127.0.0.4").send(BATCH).reply()) == (503, "30")
    assert running.ask("GET", "/hello").status == 200
    first[0].close()
    running.eventually(lambda: "concord_http_streams 2.0" in running.ask("GET", "/metrics").body.decode())
    assert from_address(running, "127.0.0.4").send(BATCH).head()[0] == 200
    with_login = from_address(running, "127.0.0.2").send(BATCH.replace(b"\r\n\r\n", LOGIN))
    assert with_login.head()[0] == 200


def test_a_refusal_shows_before_the_stream_and_a_line_has_a_deadline(serve):
    running = serve(line_timeout=0.4, stream_timeout=30, max_stream=1000)
    assert running.ask("POST", "/import", b"a\n", Content_Encoding="gzip").status == 415
    assert running.ask("POST", "/import", b"a" * 1001).status == 413
    client = running.client(timeout=5)
    client.send(b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nwhole line\n")
    started = time.monotonic()
    try:
        while time.monotonic() - started < 4:
            client.send(b"x")
            time.sleep(0.05)
    except ConnectionError:
        pass
    assert client.reply().status == 408
