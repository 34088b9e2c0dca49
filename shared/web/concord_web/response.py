"""Responses and their serialisation."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_SERVER_HEADERS = {"content-length", "transfer-encoding", "connection", "date", "content-type"}
NO_BODY = frozenset({204, 304})

DEFAULT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Response:
    """Status, headers and a body: bytes, or an iterator of bytes that the server sends item by item.

    `headers` replace the defaults of the same name, such as Cache-Control and Content-Security-Policy of a page.
    `cookies` are values of Set-Cookie: see `concord_web.cookies`.
    Raises ValueError for a header that could split the response (CR, LF, NUL) or that the server sets itself
    (Content-Length, Connection).
    """

    __slots__ = ("body", "content_type", "cookies", "headers", "status", "stream")

    def __init__(
        self,
        body: bytes = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        stream: Iterable[bytes] | None = None,
    ) -> None:
        self.body = body
        self.status = status
        self.headers: dict[str, str] = dict(headers) if headers else {}
        self.content_type = content_type
        self.cookies: list[str] = []
        self.stream: Iterator[bytes] | None = None if stream is None else iter(stream)
        for name, value in self.headers.items():
            check_header(name, value)
        if content_type is not None:
            check_header("X", content_type)


def check_header(name: str, value: str) -> None:
    """Raise ValueError for a header that would break the framing of the response."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() in _SERVER_HEADERS:
        raise ValueError(f"header name {name!r} cannot be set on a response")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise ValueError(f"the value of header {name} contains a character that is not valid in a header")


def json_response(
    data: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Response:
    """Return JSON in UTF-8. Aware datetimes become RFC 3339 with `Z` for UTC, dataclasses become objects."""
    body = orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    return Response(body, status, headers, content_type)


def text_response(
    text: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = "text/plain; charset=utf-8",
) -> Response:
    """Return text, or a page with `content_type="text/html; charset=utf-8"`."""
    return Response(text.encode(), status, headers, content_type)


def stream_response(
    items: Iterable[bytes],
    content_type: str = "application/x-ndjson",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response that sends each item as the iterator yields it.

    The iterator may read `request.lines()` meanwhile, to respond to a line while the body still arrives. The server
    closes it when the client leaves. If a client sends without reading, the buffers fill and both sides stop;
    `write_timeout` then ends the connection.

    A stream without end (server-sent events) must check `request.stopping` about every second and end when it is
    true. Let it send something regularly: only a write detects a client that left.
    """
    return Response(b"", status, headers, content_type, stream=items)


def head_bytes(response: Response, framing: str, connection: str | None) -> bytes:
    """Return the head of a response. `framing` is the header line that delimits the body, or empty."""
    parts = [_status_line(response.status), _date_line(int(time.time()))]
    if response.headers:
        parts.append(_defaults_without({name.lower() for name in response.headers}))
        parts += [f"{name}: {value}\r\n" for name, value in response.headers.items()]
    else:
        parts.append(_DEFAULTS)
    for cookie in response.cookies:
        check_header("Set-Cookie", cookie)
        parts.append(f"Set-Cookie: {cookie}\r\n")
    if response.content_type is not None:
        parts.append(f"Content-Type: {response.content_type}\r\n")
    parts.append(framing)
    if connection is not None:
        parts.append(f"Connection: {connection}\r\n")
    parts.append("\r\n")
    return "".join(parts).encode("latin-1")


def _defaults_without(given: set[str]) -> str:
    return "".join(f"{n}: {v}\r\n" for n, v in DEFAULT_HEADERS.items() if n.lower() not in given)


_DEFAULTS = _defaults_without(set())
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


def _status_line(status: int) -> str:
    return _STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n"


@lru_cache(maxsize=1)
def _date_line(now: int) -> str:
    return f"Date: {formatdate(now, usegmt=True)}\r\n"
