"""A proxy before the broker that treats each connection by a plan: it cuts it, falls silent, or lets all through."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

HEADER, FRAME_END = 8, 1
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Step:
    """What happens instead of frame number `frame` from the client. 0 is its protocol header."""

    frame: int
    silent: bool = False


class UnrulyProxy:
    """Listens on a free port while entered. The nth connection follows the nth step; later ones pass."""

    def __init__(self, url: str, plan: Sequence[Step]) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._broker = parts.hostname, parts.port or 5672
        self._plan = list(plan)
        self._server = socket.create_server((LOOPBACK, 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        port = self._server.getsockname()[1]
        self.url = url.replace(f"{parts.hostname}:{parts.port}", f"{LOOPBACK}:{port}")
        self.connections = 0

    def __enter__(self) -> "UnrulyProxy":
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for opened in (self._server, *self._open):
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(10)

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._server.accept()[0]
                step = self._plan[self.connections] if self.connections < len(self._plan) else None
                self.connections += 1
                broker = socket.create_connection(self._broker)
                self._open += [client, broker]
                self._run(self._answers, broker, client)
                self._run(self._questions, client, broker, step)

    def _questions(self, client: socket.socket, broker: socket.socket, step: Step | None) -> None:
        with contextlib.suppress(OSError), client.makefile("rb") as read:
            for number, frame in enumerate(frames(read.read)):
                if step is not None and number == step.frame:
                    if not step.silent:
                        for end in (client, broker):
                            end.shutdown(socket.SHUT_RDWR)
                    return
                broker.sendall(frame)
            broker.shutdown(socket.SHUT_RDWR)

    def _answers(self, broker: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := broker.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


def frames(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the protocol header and then each frame, until the end."""
    head = read(HEADER)
    while head:
        yield head
        head = read(7)
        if head:
            head += read(int.from_bytes(head[3:7], "big") + FRAME_END)
