"""One connection: read a head, have it answered, write the answer, again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

import eventlet

from concord_web.client_socket import ClientGone, ClientSocket, DeadlineExceeded
from concord_web.problem import Problem
from concord_web.request_body import Body
from concord_web.request_head import Head, Refused, parse_head
from concord_web.response import NO_BODY, Response, head_bytes

if TYPE_CHECKING:
    from concord_web.server import Server

_log = logging.getLogger(__name__)

DRAIN = 64 * 1024
"""Bytes of an unread body worth reading so that the connection can be kept."""
LINGER_SECONDS = 1.0
LINGER_BYTES = 4 * 1024 * 1024
TURN = 16
"""Requests of one connection before the others get a turn."""


class Connection:
    """Lives in one greenthread. `thread` is set by the server."""

    __slots__ = ("_peer", "_server", "_settings", "thread", "wire")

    def __init__(self, server: Server, sock: Any, peer: str) -> None:
        self._server = server
        self._settings = server.settings
        self._peer = peer
        self.wire = ClientSocket(sock, server.settings.write_timeout)
        self.thread: Any = None

    def run(self) -> None:
        """Serve until either side is done. Whatever happens stays within this connection."""
        served = 0
        try:
            while self._serve_one():
                served += 1
                if served % TURN == 0:
                    eventlet.sleep(0)
        except (ClientGone, DeadlineExceeded):
            pass
        except (Exception, eventlet.Timeout):
            _log.exception("a connection failed")
        finally:
            self.wire.close()
            self._server.forget(self)

    def _serve_one(self) -> bool:
        try:
            head = self._read_head()
        except Refused as refusal:
            slow = refusal.status == 408
            self._server.metrics.refused.labels("slow_head" if slow else "bad_request").inc()
            self._write_plain(refusal.as_response(), "GET", "close")
            self._linger()
            return False
        started = perf_counter()
        body = Body(self.wire, head.length, head.expects_continue)
        response, template = self._server.app.answer(head, body, self._peer)
        if response.stream is None:
            keep = self._drained(body) and head.keep_alive and not self._server.stopping
            self._write_plain(response, head.method, _connection(keep, head.minor))
        else:
            keep = self._write_stream(head, body, response, template)
        self._server.metrics.answered(head.method, template, response.status, perf_counter() - started)
        if not keep and not (body.done or body.broken):
            self._linger()
        return keep

    def _read_head(self) -> Head:
        wire, settings = self.wire, self._settings
        self._server.waiting[self] = None
        wire.deadline = monotonic() + (settings.head_timeout if wire.pending else settings.idle_timeout)
        while True:
            if wire.pending.startswith(b"\r\n"):
                wire.pending = wire.pending[2:]
            end = wire.pending.find(b"\r\n\r\n")
            if end >= 0 or len(wire.pending) > settings.max_head:
                break
            self._more_head()
        self._server.waiting.pop(self, None)
        wire.deadline = float("inf")
        if end < 0 or end > settings.max_head:
            raise Refused(431, detail=f"The headers may be {settings.max_head} bytes long in all.")
        raw = wire.pending[:end]
        wire.pending = wire.pending[end + 4 :]
        return parse_head(raw, settings)

    def _more_head(self) -> None:
        wire = self.wire
        first = not wire.pending
        try:
            wire.pending += wire.receive()
        except DeadlineExceeded:
            self._server.waiting.pop(self, None)
            if first:
                raise
            raise Refused(408, detail="The headers took too long to arrive.") from None
        if first:
            wire.deadline = monotonic() + self._settings.head_timeout

    def _write_plain(self, response: Response, method: str, connection: str | None) -> None:
        if response.status in NO_BODY:
            self.wire.send(head_bytes(response, "", connection))
            return
        head = head_bytes(response, f"Content-Length: {len(response.body)}\r\n", connection)
        self.wire.send(head if method == "HEAD" else head + response.body)

    def _write_stream(self, head: Head, body: Body, response: Response, template: str) -> bool:
        stream: Iterator[bytes] = response.stream or iter(())
        chunked = head.minor == 1
        keep = chunked and head.keep_alive and not self._server.stopping
        try:
            body.begin()
            framing = "Transfer-Encoding: chunked\r\n" if chunked else ""
            self.wire.send(head_bytes(response, framing, None if keep else "close"))
            if head.method != "HEAD":
                self._send_items(stream, chunked)
        except ClientGone:
            raise
        except (Exception, eventlet.Timeout) as error:
            self._server.app.problem(error, head.method, template)
            self.wire.cut()
            raise ClientGone from error
        finally:
            if (close := getattr(stream, "close", None)) is not None:
                close()
        return keep and self._drained(body) and not self._server.stopping  # which may have begun meanwhile

    def _send_items(self, stream: Iterator[bytes], chunked: bool) -> None:
        for item in stream:
            if item:
                self.wire.send(b"%x\r\n%b\r\n" % (len(item), item) if chunked else item)
                eventlet.sleep(0)
        if chunked:
            self.wire.send(b"0\r\n\r\n")

    def _drained(self, body: Body) -> bool:
        """Read what little is left of a body nobody asked for; False when the connection cannot go on."""
        if body.done:
            return True
        if body.broken or body.awaited or body.chunked or body.left > DRAIN:
            return False
        body.due(LINGER_SECONDS)
        try:
            while body.read_some():
                pass
        except (Problem, ClientGone):
            return False
        return True

    def _linger(self) -> None:
        """Let the answer arrive before closing: a close with unread bytes would reset it away."""
        wire = self.wire
        if wire.expired:
            return
        wire.finish_sending()
        self._server.waiting[self] = None
        wire.deadline = monotonic() + LINGER_SECONDS
        left = LINGER_BYTES
        with suppress(ClientGone, DeadlineExceeded):
            while left > 0:
                left -= len(wire.receive())


def _connection(keep: bool, minor: int) -> str | None:
    if not keep:
        return "close"
    return None if minor == 1 else "keep-alive"
