"""The request that a service method receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

import eventlet

from concord_web.client_address import client_of, forwarded_peer
from concord_web.json_body import parse_json
from concord_web.line_splitter import LongLine, split_lines
from concord_web.problem import Problem
from concord_web.query_string import Query
from concord_web.request_body import Body
from concord_web.request_head import Head
from concord_web.settings import WebSettings
from concord_web.text_encoding import encoding_fault

FORM = "application/x-www-form-urlencoded"


def _never() -> bool:
    return False


def _no_limit(client: str, *, logged_in: bool) -> None:
    """Give every stream a slot."""


class Request:
    """One request. Header names are lower case. It reads the body only on demand."""

    __slots__ = (
        "_body",
        "_bytes",
        "_claim_stream",
        "_limit",
        "_peer",
        "_query",
        "_stopping",
        "headers",
        "method",
        "params",
        "path",
        "query_string",
        "route",
        "settings",
    )

    def __init__(
        self,
        head: Head,
        params: Mapping[str, str],
        body: Body,
        settings: WebSettings,
        route: Any,
        peer: str,
        stopping: Callable[[], bool] = _never,
        claim_stream: Callable[..., None] = _no_limit,
    ) -> None:
        self.method = head.method
        self.path = head.path
        self.query_string = head.query
        self.headers = head.headers
        self.params = dict(params)
        self.settings = settings
        self.route = route
        self._body = body
        self._limit: int = route.max_body or settings.max_body
        self._peer = peer
        self._stopping = stopping
        self._claim_stream = claim_stream
        self._query: Query | None = None
        self._bytes: bytes | None = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.route.path}>"

    @property
    def query(self) -> Query:
        """The query parameters. Raises Problem 400 for bad percent-encoding and for bytes that are not UTF-8."""
        if self._query is None:
            self._query = Query(self.query_string)
        return self._query

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case, such as `application/json`; "" without the header."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        """The token of `Authorization: Bearer …`."""
        scheme, _, token = header_text(self.headers, "authorization").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def stopping(self) -> bool:
        """True while the service stops: a response without end must then end within `grace` seconds."""
        return self._stopping()

    @property
    def peer(self) -> str:
        """The client's IP address, for rate limits in memory under a salted hash. Never log it."""
        return forwarded_peer(self._peer, self.headers.get("x-forwarded-for", ""), self.settings.forwarded_hops)

    @property
    def client(self) -> str:
        """The client for limits: its IPv4 address, or its network of IPv6. Never log it."""
        return client_of(self.peer)

    def body(self, limit: int | None = None) -> bytes:
        """Return the whole body.

        Raises Problem 413 beyond `limit` bytes (by default the route's), 408 after `body_timeout` seconds.
        """
        if self._bytes is None:
            self._bytes = self._read(self._limit if limit is None else limit)
        return self._bytes

    def json(self, limit: int | None = None) -> Any:
        """Return the body as JSON. Raises Problem 415 for another content type, 400 for invalid JSON."""
        kind = self.media_type
        if kind != "application/json" and not kind.endswith("+json"):
            raise Problem(415, detail="Send JSON with Content-Type: application/json.")
        return parse_json(self.body(limit), self.settings.max_json_depth)

    def form(self, limit: int | None = None) -> Query:
        """Return the fields of a form. Raises Problem 415 for another content type."""
        if self.media_type != FORM:
            raise Problem(415, detail=f"Send the form with Content-Type: {FORM}.")
        try:
            return Query(self.body(limit).decode())
        except UnicodeDecodeError:
            raise Problem(400, detail=f"The form {encoding_fault(self.body(limit))}") from None

    def lines(self, max_line: int | None = None, *, logged_in: bool = False) -> Iterator[bytes | LongLine]:
        """Return the lines of the body (NDJSON) as they arrive, without their ends, empty ones included.

        Call it before the response begins: it raises Problem 413, 415, 429 or 503 for what the head already shows.
        The iterator turns a line over `max_line` bytes into a LongLine with its number. It raises ClientGone for a body
        that ends early, Problem 408 after a pause of `stream_timeout` or a line of `line_timeout` seconds, 413 beyond
        `max_stream` bytes.
        """
        self._check_coding()
        if self._body.length > self.settings.max_stream:
            raise self._too_long(self.settings.max_stream)
        self._claim_stream(self.client, logged_in=logged_in)
        return split_lines(self._pieces(), max_line or self.settings.max_line)

    def _pieces(self) -> Iterator[bytes]:
        body, settings = self._body, self.settings
        begun = None  # when the first byte of an unfinished line arrived
        size = 0
        while True:
            body.set_deadline(settings.stream_timeout if begun is None else begun + settings.line_timeout - monotonic())
            piece = body.read_some()
            if not piece:
                return
            size += len(piece)
            if size > settings.max_stream:
                raise self._too_long(settings.max_stream)
            begun = _line_begun(piece, begun)
            yield piece
            eventlet.sleep(0)

    def _read(self, limit: int) -> bytes:
        self._check_coding()
        if self._body.length > limit:
            raise self._too_long(limit)
        self._body.set_deadline(self.settings.body_timeout)
        pieces, size = [], 0
        while piece := self._body.read_some():
            size += len(piece)
            if size > limit:
                raise self._too_long(limit)
            pieces.append(piece)
        return b"".join(pieces)

    def _too_long(self, limit: int) -> Problem:
        return Problem(413, detail=f"The request body exceeds {limit} bytes.")

    def _check_coding(self) -> None:
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem(415, detail="Send the body without Content-Encoding.")


def header_text(headers: Mapping[str, str], name: str) -> str:
    """Return a header that a person may have typed: its bytes as UTF-8, or else as Latin-1; "" without the header."""
    value = headers.get(name, "")
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def _line_begun(piece: bytes, begun: float | None) -> float | None:
    """Return when the line that is unfinished after `piece` began, monotonic seconds; None after a whole line."""
    end = piece.rfind(b"\n")
    if end == len(piece) - 1:
        return None
    return begun if end < 0 and begun is not None else monotonic()
