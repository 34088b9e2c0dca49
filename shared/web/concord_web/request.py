"""What a service method is given."""

from __future__ import annotations

import hmac
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


def _never() -> bool:
    return False


class Request:
    """One request. Header names are lower case. The body is read only when a method asks for it."""

    __slots__ = (
        "_body",
        "_limit",
        "_peer",
        "_query",
        "_stopping",
        "_whole",
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
        self._whole: bytes | None = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.route.path}>"

    @property
    def query(self) -> Query:
        """Raises Problem 400 for bad percent-encoding and what is no UTF-8."""
        if self._query is None:
            self._query = Query(self.query_string)
        return self._query

    @property
    def media_type(self) -> str:
        """`application/json`, without parameters, lower case; "" when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        """The token of `Authorization: Bearer …`."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def stopping(self) -> bool:
        """The service has been asked to stop: an answer that streams without end must end now, within `grace`."""
        return self._stopping()

    @property
    def peer(self) -> str:
        """The client's address, for rate limits kept in memory under a salted hash. Never log it."""
        hops = self.settings.forwarded_hops
        entries = [e.strip() for e in self.headers.get("x-forwarded-for", "").split(",") if e.strip()]
        return entries[-min(hops, len(entries))] if hops and entries else self._peer

    def body(self, limit: int | None = None) -> bytes:
        """The whole body. Raises Problem 413 beyond `limit` bytes (by default the route's), 408 when slow."""
        if self._whole is None:
            self._whole = self._read(self._limit if limit is None else limit)
        return self._whole

    def json(self, limit: int | None = None) -> Any:
        """The body as JSON. Raises Problem 415 for another content type, 400 for what is not JSON."""
        kind = self.media_type
        if kind != "application/json" and not kind.endswith("+json"):
            raise Problem(415, detail="Send JSON with Content-Type: application/json.")
        return parse_json(self.body(limit), self.settings.max_json_depth)

    def form(self, limit: int | None = None) -> Query:
        """The body of a form. Raises Problem 415 for another content type."""
        if self.media_type != FORM:
            raise Problem(415, detail=f"Send the form with Content-Type: {FORM}.")
        try:
            return Query(self.body(limit).decode())
        except UnicodeDecodeError:
            raise Problem(400, detail="The form is not UTF-8 text.") from None

    def lines(self, max_line: int | None = None) -> Iterator[bytes | LongLine]:
        """The lines of the body (NDJSON) as they arrive, without their ends; empty ones too.

        A line over `max_line` bytes comes as a LongLine naming its number; the next one follows. Raises
        ClientGone when the body breaks off, Problem 408 after a silence of `stream_timeout` seconds.
        """
        return split_lines(self._pieces(), max_line or self.settings.max_line)

    def require_operator(self) -> None:
        """Let operators through: raises Problem 401 unless the bearer token is the configured one."""
        expected, given = self.settings.ops_token, self.bearer
        detail = "Send Authorization: Bearer with the operators' token (CONCORD_OPS_TOKEN)."
        if not expected:
            detail = "No operators' token is configured; set CONCORD_OPS_TOKEN and restart."
        elif given is not None and hmac.compare_digest(given.encode(), expected.encode()):
            return
        raise Problem(401, detail=detail, headers={"WWW-Authenticate": 'Bearer realm="operators"'})

    def _pieces(self) -> Iterator[bytes]:
        self._check_coding()
        while True:
            self._body.due(self.settings.stream_timeout)
            piece = self._body.read_some()
            if not piece:
                return
            yield piece
            eventlet.sleep(0)

    def _read(self, limit: int) -> bytes:
        self._check_coding()
        too_long = Problem(413, detail=f"The body may be {limit} bytes long.")
        if self._body.length > limit:
            raise too_long
        self._body.due(self.settings.body_timeout)
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
