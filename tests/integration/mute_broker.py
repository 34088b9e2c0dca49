"""A broker that lives, as its heartbeats say, but answers nothing from a certain question on."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

HEARTBEAT = bytes([8, 0, 0, 0, 0, 0, 0, 0xCE])
BEAT_SECONDS = 0.2

START = struct.pack(">BBI", 0, 9, 0) + struct.pack(">I", 5) + b"PLAIN" + struct.pack(">I", 5) + b"en_US"
TUNE = struct.pack(">HIH", 2047, 131072, 10)
QUESTIONS = {
    (10, 11): ("connection.start-ok", (10, 30), TUNE),
    (10, 31): ("connection.tune-ok", None, b""),
    (10, 40): ("connection.open", (10, 41), b"\0"),
    (10, 50): ("connection.close", (10, 51), b""),
    (20, 10): ("channel.open", (20, 11), bytes(4)),
    (20, 40): ("channel.close", (20, 41), b""),
    (50, 20): ("queue.bind", (50, 21), b""),
    (50, 50): ("queue.unbind", (50, 51), b""),
    (60, 10): ("basic.qos", (60, 11), b""),
    (60, 20): ("basic.consume", (60, 21), b"\x01t"),
    (60, 30): ("basic.cancel", (60, 31), b"\x01t"),
    (60, 40): ("basic.publish", (60, 80), struct.pack(">QB", 1, 0)),
    (85, 10): ("confirm.select", (85, 11), b""),
}
"""What it can be asked: the question's name, its answer and the answer's arguments."""


class MuteBroker:
    """Listens on a free `port` while entered. `until_asked` names the first question that it leaves unanswered.

    `asked` is set once somebody waits for that answer.
    """

    def __init__(self, until_asked: str) -> None:
        assert until_asked in {name for name, _, _ in QUESTIONS.values()}
        self._mute_from = until_asked
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self.port: int = self._server.getsockname()[1]
        self.asked = threading.Event()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def __enter__(self) -> "MuteBroker":
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in self._threads:
            each.join(10)

    def _run(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended.is_set():
                self._run(self._serve, self._server.accept()[0])

    def _serve(self, peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            self._run(self._beat, peer)
            with peer.makefile("rb") as read:
                assert read.read(8) == b"AMQP\x00\x00\x09\x01"
                peer.sendall(method(0, (10, 10), START))
                for channel, signature in methods(read):
                    name, answer, arguments = QUESTIONS[signature]
                    if name == self._mute_from:
                        self.asked.set()
                    if answer is not None and not self.asked.is_set():
                        peer.sendall(method(channel, answer, arguments))

    def _beat(self, peer: socket.socket) -> None:
        """As brokers do it only after the handshake, so that it counts as much as any answer."""
        with contextlib.suppress(OSError):
            while not self._ended.wait(BEAT_SECONDS):
                if self.asked.is_set():
                    peer.sendall(HEARTBEAT)
            peer.shutdown(socket.SHUT_RDWR)


def method(channel: int, signature: tuple[int, int], arguments: bytes) -> bytes:
    payload = struct.pack(">HH", *signature) + arguments
    return struct.pack(">BHI", 1, channel, len(payload)) + payload + b"\xce"


def methods(read: BinaryIO) -> Iterator[tuple[int, tuple[int, int]]]:
    """Channel and signature of each method that comes, until the end."""
    while head := read.read(7):
        kind, channel, size = struct.unpack(">BHI", head)
        payload = read.read(size + 1)
        if kind == 1:
            yield channel, struct.unpack_from(">HH", payload)
