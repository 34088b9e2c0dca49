"""One client connection: read a request, write the response, and repeat while the connection is kept alive."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

import eventlet

from concord_web.client_address import client_of, forwarded_peer
from concord_web.client_socket import NEVER, ClientGone, ClientSocket, DeadlineExceeded
from concord_web.problem import Problem
from concord_web.refusals import over_share
from concord_web.request_body import Body
from concord_web.request_head import Head, ProtocolError, parse_head
from concord_web.response import NO_BODY, Response, head_bytes

if TYPE_CHECKING:
    from concord_web.server import Server

_log = logging.getLogger(__name__)

MAX_DRAIN = 64 * 1024
"""Unread bytes of a body that the server reads and discards to keep the connection alive."""
LINGER_SECONDS = 1.0
LINGER_BYTES = 4 * 1024 * 1024
REQUESTS_PER_TURN = 16
"""Requests of one connection before it yields to the others."""


class Connection:
    """A connection, served by one greenthread. The server sets `thread`."""

    __slots__ = ("_peer", "_server", "_settings", "_stream", "client", "holder", "thread")

    def __init__(self, server: Server, sock: Any, peer: str, holder: str | None = None) -> None:
        """`holder` is the client whose share the connection counts in; None while it is not known."""
        self._server = server
        self._settings = server.settings
        self._peer = peer
        self._stream: tuple[str, bool] | None = None
        self.holder = holder
        self.client = ClientSocket(sock, server.settings.write_timeout)
        self.thread: Any = None

    @property
    def waits_until(self) -> float:
        """When the wait for a head or a short body ends, monotonic seconds; infinite during everything else."""
        client = self.client
        return NEVER if client.sending or self._stream is not None else client.deadline

    def run(self) -> None:
        """Serve requests until either side closes. An error ends only this connection."""
        served = 0
        try:
            while self._serve_one():
                served += 1
                if served % REQUESTS_PER_TURN == 0:
                    eventlet.sleep(0)
        except (ClientGone, DeadlineExceeded):
            pass
        except (Exception, eventlet.Timeout):
            _log.exception("a connection failed")
        finally:
            self.client.close()
            self._server.forget(self)

    def _serve_one(self) -> bool:
        try:
            head = self._read_head()
        except ProtocolError as refusal:
            slow = refusal.status == 408
            self._server.metrics.refused.labels("slow_head" if slow else "bad_request").inc()
            self._write_plain(refusal.as_response(), "GET", "close")
            self._linger()
            return False
        if self._settings.forwarded_hops and not self._server.admission.take_share(self, self._client_of(head)):
            self._write_plain(self._over_share(head), head.method, "close")
            self._linger()
            return False
        try:
            return self._answer(head)
        finally:
            if self._stream is not None:
                self._server.admission.end_stream(*self._stream)
                self._stream = None
            if self._settings.forwarded_hops:
                self._server.admission.give_back_share(self)

    def _over_share(self, head: Head) -> Response:
        return self._server.app.for_origin(head, over_share().as_response())

    def _client_of(self, head: Head) -> str:
        forwarded_for = head.headers.get("x-forwarded-for", "")
        return client_of(forwarded_peer(self._peer, forwarded_for, self._settings.forwarded_hops))

    def _claim_stream(self, client: str, *, logged_in: bool) -> None:
        """Take a slot for the streamed body until the response ends. Raises Problem 429 or 503 without one."""
        if self._stream is None:
            self._server.admission.begin_stream(client, logged_in=logged_in)
            self._stream = (client, logged_in)

    def _answer(self, head: Head) -> bool:
        started = perf_counter()
        body = Body(self.client, head.length, head.expects_continue)
        response, template = self._server.app.respond(head, body, self._peer, self._claim_stream)
        if response.stream is None:
            keep = self._drained(body) and head.keep_alive and not self._server.stopping
            self._write_plain(response, head.method, _connection_header(keep, head.minor))
        else:
            keep = self._write_stream(head, body, response, template)
        self._server.metrics.count(head.method, template, response.status, perf_counter() - started)
        if not keep and not (body.done or body.broken):
            self._linger()
        return keep

    def _read_head(self) -> Head:
        client, settings = self.client, self._settings
        self._server.waiting[self] = None
        client.deadline = monotonic() + (settings.head_timeout if client.pending else settings.idle_timeout)
        while True:
            if client.pending.startswith(b"\r\n"):
                client.pending = client.pending[2:]
            end = client.pending.find(b"\r\n\r\n")
            if end >= 0 or len(client.pending) > settings.max_head:
                break
            self._more_head()
        self._server.waiting.pop(self, None)
        client.deadline = NEVER
        if end < 0 or end > settings.max_head:
            raise ProtocolError(431, detail=f"The request head exceeds {settings.max_head} bytes.")
        raw = client.pending[:end]
        client.pending = client.pending[end + 4 :]
        return parse_head(raw, settings)

    def _more_head(self) -> None:
        client = self.client
        first = not client.pending
        try:
            client.pending += client.receive()
        except DeadlineExceeded:
            self._server.waiting.pop(self, None)
            if first:
                raise
            raise ProtocolError(408, detail="The request head arrived too slowly.") from None
        if first:
            client.deadline = monotonic() + self._settings.head_timeout

    def _write_plain(self, response: Response, method: str, connection: str | None) -> None:
        if response.status in NO_BODY:
            self.client.send(head_bytes(response, "", connection))
            return
        head = head_bytes(response, f"Content-Length: {len(response.body)}\r\n", connection)
        self.client.send(head if method == "HEAD" else head + response.body)

    def _write_stream(self, head: Head, body: Body, response: Response, template: str) -> bool:
        stream: Iterator[bytes] = response.stream or iter(())
        chunked = head.minor == 1
        keep = chunked and head.keep_alive and not self._server.stopping
        try:
            body.send_continue()
            framing = "Transfer-Encoding: chunked\r\n" if chunked else ""
            self.client.send(head_bytes(response, framing, None if keep else "close"))
            if head.method != "HEAD":
                self._send_items(stream, chunked)
        except ClientGone:
            raise
        except (Exception, eventlet.Timeout) as error:
            self._server.app.problem(error, head.method, template)
            self.client.abort()
            raise ClientGone from error
        finally:
            if (close := getattr(stream, "close", None)) is not None:
                close()
        return keep and self._drained(body) and not self._server.stopping

    def _send_items(self, stream: Iterator[bytes], chunked: bool) -> None:
        for item in stream:
            if item:
                self.client.send(b"%x\r\n%b\r\n" % (len(item), item) if chunked else item)
                eventlet.sleep(0)
        if chunked:
            self.client.send(b"0\r\n\r\n")

    def _drained(self, body: Body) -> bool:
        """Discard the rest of a body that the method did not read. Return False for a connection that must close."""
        if body.done:
            return True
        if body.broken or body.awaits_continue or body.chunked or body.left > MAX_DRAIN:
            return False
        body.set_deadline(LINGER_SECONDS)
        try:
            while body.read_some():
                pass
        except (Problem, ClientGone):
            return False
        return True

    def _linger(self) -> None:
        """Wait before closing: a close with unread bytes would reset the connection and lose the response."""
        client = self.client
        if client.expired:
            return
        client.finish_sending()
        self._server.waiting[self] = None
        client.deadline = monotonic() + LINGER_SECONDS
        left = LINGER_BYTES
        with suppress(ClientGone, DeadlineExceeded):
            while left > 0:
                left -= len(client.receive())


def _connection_header(keep: bool, minor: int) -> str | None:
    if not keep:
        return "close"
    return None if minor == 1 else "keep-alive"
