"""Lines in, lines out, both at once."""

import json
import threading

IMPORT = b"POST /import HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def answers(client) -> list[dict]:
    """What the next chunk of the answer says."""
    return [json.loads(line) for line in client.chunk().splitlines()]


def test_each_line_is_answered_while_the_body_still_arrives(server):
    client = server.client().send(IMPORT)
    assert client.head()[0] == 200
    for word in ("one", "two", "three"):
        client.send(chunk(word.encode() + b"\n"))
        assert answers(client) == [{"got": word}]
    client.send(chunk(b"last without newline") + b"0\r\n\r\n")
    assert answers(client) == [{"got": "last without newline"}]
    assert client.chunk() == b""
    assert client.ask("GET", "/hello").status == 200


def test_a_stream_without_end_is_closed_when_its_client_leaves(server):
    before = server.ask("GET", "/journal").json["closed_streams"]
    live = server.client().send(b"GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n")
    assert live.head()[0] == 200
    live.sock.close()
    live.file.close()
    server.eventually(lambda: server.ask("GET", "/journal").json["closed_streams"] > before)


def test_a_long_line_is_named_and_the_next_ones_follow(server):
    body = b"ok\r\n" + b"x" * 101 + b"\n" + b"y" * 100 + b"\n\n" + b"z" * 500_000
    reply = server.ask("POST", "/import", body)
    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert lines == [{"got": "ok"}, {"long": 2}, {"got": "y" * 100}, {"got": ""}, {"long": 5}]


def test_a_stream_of_any_length_is_read_in_bounded_memory(server):
    before = server.ask("GET", "/journal").json["peak_kib"]
    size = 60 * 1024 * 1024
    client = server.client(timeout=30)
    client.send(b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
    piece = (b"x" * 1023 + b"\n") * 1024
    for _ in range(60):
        client.send(piece)
    assert client.reply().json == {"lines": 60 * 1024}
    assert server.ask("GET", "/journal").json["peak_kib"] - before < 10 * 1024


def test_a_line_without_end_is_dropped_in_bounded_memory(server):
    before = server.ask("GET", "/journal").json["peak_kib"]
    reply = server.ask("POST", "/count", b"x" * (30 * 1024 * 1024))
    assert reply.json == {"lines": 1}
    assert server.ask("GET", "/journal").json["peak_kib"] - before < 10 * 1024


def test_a_stream_that_is_invited_first(server):
    client = server.client()
    client.send(b"POST /import HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert client.reply().status == 100
    assert client.send(b"a\n").reply().body == b'{"got": "a"}\n'


def test_others_are_answered_while_a_fast_reader_streams(server):
    stream = server.client()
    stream.send(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    done = threading.Event()

    def read() -> None:
        while not done.is_set() and stream.sock.recv(1024 * 1024):
            pass

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(20):
            assert server.ask("GET", "/hello").status == 200
    finally:
        done.set()
        reader.join(10)
        stream.close()


def test_a_client_that_leaves_ends_its_stream_cleanly(serve):
    running = serve()
    reader = running.client().send(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    assert reader.head()[0] == 200
    writer = running.client().send(IMPORT + chunk(b"a\n"))
    assert writer.head()[0] == 200
    assert answers(writer) == [{"got": "a"}]
    reader.close()
    writer.close()
    running.eventually(lambda: running.ask("GET", "/journal").json["closed_streams"] == 2)
    journal = running.ask("GET", "/journal").json
    assert journal["setup"] == journal["teardown"] + 1
    assert "Traceback" not in running.log()


def test_a_stream_that_fails_is_broken_off_and_logged(serve):
    running = serve()
    client = running.client().send(b"GET /broken-stream HTTP/1.1\r\nHost: a\r\n\r\n")
    assert client.head()[0] == 200
    assert client.chunk() == b"first\n"
    assert client.closed(), "an end of body would make the answer look whole"
    running.eventually(lambda: "RuntimeError: told to nobody" in running.log())


def test_bad_chunks_in_the_middle_break_the_stream_off(server):
    client = server.client().send(IMPORT + chunk(b"a\n") + b"zz\r\n")
    assert client.head()[0] == 200
    assert answers(client) == [{"got": "a"}]
    assert client.closed()
