"""A strict parser of request heads (RFC 9112). A head that two parsers could read differently is an error."""

from __future__ import annotations

import re
from typing import NamedTuple

from concord_web.problem import Problem
from concord_web.settings import WebSettings

CHUNKED = -1

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([!-~]+) HTTP/(\d)\.(\d)")
_FIELDS = re.compile(rf"(?:{_TOKEN}:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*")
_LENGTH = re.compile(r"[0-9]{1,15}")
_SINGLE_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "content-type", "authorization", "expect"})
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


class ProtocolError(Problem):
    """The request is malformed. The server sends this problem and closes the connection."""


class Head(NamedTuple):
    """A parsed head. `length` is the body's length in bytes, or CHUNKED; header names are lower case.

    A repeated header has its values joined by commas.
    """

    method: str
    path: str
    query: str
    minor: int
    headers: dict[str, str]
    length: int
    keep_alive: bool
    expects_continue: bool


def parse_head(raw: bytes, settings: WebSettings) -> Head:
    """Parse a head without its empty line. Raises ProtocolError (400, 414, 431, 501, 505)."""
    line, _, rest = raw.decode("latin-1").partition("\r\n")
    method, target, minor = _request_line(line, settings)
    headers = _headers(rest, settings)
    if minor == 1 and "host" not in headers:
        raise ProtocolError(400, detail="HTTP/1.1 requires one Host header.")
    path, query = _split(target, method)
    connection = headers.get("connection")
    keep_alive = minor == 1 if connection is None else _keep_alive(connection, minor)
    expects = minor == 1 and headers.get("expect", "").lower() == "100-continue"
    return Head(method, path, query, minor, headers, _length(headers, minor), keep_alive, expects)


def _request_line(line: str, settings: WebSettings) -> tuple[str, str, int]:
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise ProtocolError(400, detail="Malformed request line.")
    method, target, major, minor = found.groups()
    if major != "1":
        raise ProtocolError(505, detail="HTTP/1.1 required.")
    if len(target) > settings.max_target:
        raise ProtocolError(414, detail=f"The request target exceeds {settings.max_target} bytes.")
    return method, target, min(int(minor), 1)


def _headers(rest: str, settings: WebSettings) -> dict[str, str]:
    if not rest:
        return {}
    if _FIELDS.fullmatch(rest + "\r\n") is None:
        raise ProtocolError(400, detail="Malformed header line.")
    lines = rest.split("\r\n")
    if len(lines) > settings.max_headers:
        raise ProtocolError(431, detail=f"The request has more than {settings.max_headers} headers.")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.lower()
        value = value.strip(" \t")
        if name not in headers:
            headers[name] = value
        elif name in _SINGLE_HEADERS:
            raise ProtocolError(400, detail=f"The header {name} must not be repeated.")
        else:
            headers[name] = f"{headers[name]}, {value}"
    return headers


def _length(headers: dict[str, str], minor: int) -> int:
    coding = headers.get("transfer-encoding")
    length = headers.get("content-length")
    if coding is not None:
        if length is not None or minor == 0:
            raise ProtocolError(400, detail="Send either Content-Length or, in HTTP/1.1, Transfer-Encoding.")
        if coding.lower() != "chunked":
            raise ProtocolError(501, detail="Unsupported transfer coding. Use chunked.")
        return CHUNKED
    if length is None:
        return 0
    if _LENGTH.fullmatch(length) is None:
        raise ProtocolError(400, detail="Content-Length must be one whole number.")
    return int(length)


def _keep_alive(connection: str, minor: int) -> bool:
    options = {option.strip().lower() for option in connection.split(",")}
    return "close" not in options and (minor == 1 or "keep-alive" in options)


def _split(target: str, method: str) -> tuple[str, str]:
    if not target.startswith("/"):
        if target == "*" and method == "OPTIONS":
            return "*", ""
        absolute = _ABSOLUTE.match(target)
        if absolute is None:
            raise ProtocolError(400, detail="The request target must be a path that begins with a slash.")
        target = target[absolute.end() :]
        target = target if target.startswith("/") else "/" + target
    path, _, query = target.partition("#")[0].partition("?")
    return path, query
