"""The request that a service method receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import eventlet

from concord_web.json_body import parse_json
from concord_web.line_splitter import LongLine, split_lines
from concord_web.problem import Problem
from concord_web.query_string import Query
from concord_web.request_body import Body
from concord_web.request_head import Head
from concord_web.settings import WebSettings

FORM = "application/x-www-form-urlencoded"


class Request:
    """One request. Header names are lower case. It reads the body only on demand."""

    __slots__ = (
        "_body",
        "_bytes",
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
        stopping: Callable[[], bool] = lambda: False,
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
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def stopping(self) -> bool:
        """True while the service stops: a response without end must then end within `grace` seconds."""
        return self._stopping()

    @property
    def peer(self) -> str:
        """The client's IP address, for rate limits in memory under a salted hash. Never log it."""
        hops = self.settings.forwarded_hops
        entries = [e.strip() for e in self.headers.get("x-forwarded-for", "").split(",") if e.strip()]
        return entries[-min(hops, len(entries))] if hops and entries else self._peer

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
            raise Problem(400, detail="The form is not UTF-8 text.") from None

    def lines(self, max_line: int | None = None) -> Iterator[bytes | LongLine]:
        """Yield the lines of the body (NDJSON) as they arrive, without their ends, empty ones included.

        A line over `max_line` bytes becomes a LongLine with its number. Raises ClientGone for a body that ends
        early, Problem 408 after a pause of `stream_timeout` seconds.
        """
        return split_lines(self._pieces(), max_line or self.settings.max_line)

    def _pieces(self) -> Iterator[bytes]:
        self._check_coding()
        while True:
            self._body.set_deadline(self.settings.stream_timeout)
            piece = self._body.read_some()
            if not piece:
                return
            yield piece
            eventlet.sleep(0)

    def _read(self, limit: int) -> bytes:
        self._check_coding()
        too_long = Problem(413, detail=f"The request body exceeds {limit} bytes.")
        if self._body.length > limit:
            raise too_long
        self._body.set_deadline(self.settings.body_timeout)
        pieces, size = [], 0
        while piece := self._body.read_some():
            size += len(piece)
            if size > limit:
                raise too_long
            pieces.append(piece)
        return b"".join(pieces)

    def _check_coding(self) -> None:
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem(415, detail="Send the body without Content-Encoding.")
