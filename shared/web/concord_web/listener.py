"""The listening socket, and one-line errors for a port that cannot be bound."""

from __future__ import annotations

import errno
from typing import Any

from eventlet.green import socket

BACKLOG = 4096


class CannotListen(Exception):
    """The server cannot bind the address. The message is one line and says what to do."""


class PortTaken(CannotListen):
    """Another process uses the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"{_place(host, port)} is in use by another process: stop it, or choose another port (CONCORD_HTTP_PORT)."
        )


def open_listener(host: str, port: int) -> Any:
    """Return a listening socket. It has no SO_REUSEPORT, so a port in use raises PortTaken."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, proto)
    except OSError as error:
        raise _cannot(host, port, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot(host, port, error) from None
    return listener


def _cannot(host: str, port: int, error: OSError) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(host, port)
    return CannotListen(
        f"cannot listen on {_place(host, port)} ({error.strerror}): set CONCORD_HTTP_HOST and CONCORD_HTTP_PORT."
    )


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
