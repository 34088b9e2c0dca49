"""The streamed request to intake, against a server that behaves and one that does not."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from concord_cli.common.ndjson_upload import Interrupted, Refused, send
from concord_nodes.tcp_ports import free_port

Behave = Callable[[BinaryIO, socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def server(behave: Behave) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                while lines.readline().strip():
                    pass
                behave(lines, connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


def chunks(lines: BinaryIO) -> Iterator[bytes]:
    while size := int(lines.readline(), 16):
        yield lines.read(size)
        lines.readline()
    lines.readline()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def answer(number: int) -> bytes:
    return chunk(json.dumps({"line": number, "filler": "x" * 200}).encode() + b"\n")


def test_answers_flow_while_lines_still_go_out() -> None:
    """Neither side may wait for the other to finish: both directions exceed every buffer."""

    def behave(lines: BinaryIO, connection: socket.socket) -> None:
        connection.sendall(OK)
        number = 0
        for content in chunks(lines):
            for _ in content.splitlines():
                number += 1
                connection.sendall(answer(number))
        connection.sendall(b"0\r\n\r\n")

    many = 50_000
    with server(behave) as url:
        got = [each["line"] for each in send(url, "a b.csv", (b'{"id": "%d"}\n' % n for n in range(many)))]
    assert got == list(range(1, many + 1))


def test_a_connection_that_breaks_gives_the_answers_so_far() -> None:
    def behave(lines: BinaryIO, connection: socket.socket) -> None:
        connection.sendall(OK + answer(1) + answer(2) + b"ff\r\n{")

    got = []
    with server(behave) as url, pytest.raises(Interrupted):  # noqa: PT012 - what came before counts
        for each in send(url, "s", (b"{}\n" for _ in range(100_000))):
            got.append(each["line"])
    assert got == [1, 2]


def test_nobody_listens() -> None:
    with pytest.raises(Interrupted, match="refused"):
        list(send(f"http://127.0.0.1:{free_port()}", "s", [b"{}\n"]))


def say(status: bytes) -> Behave:
    def behave(lines: BinaryIO, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: 2\r\n\r\n{}" % status)

    return behave


def test_away_for_now_and_refused_for_good() -> None:
    with server(say(b"503 Busy")) as url, pytest.raises(Interrupted, match="intake answered 503"):
        list(send(url, "s", [b"{}\n"]))
    with server(say(b"415 Wrong")) as url, pytest.raises(Refused, match=r"intake answered 415: \{\}"):
        list(send(url, "s", [b"{}\n"]))
