"""Reading a request's head (RFC 9112), strictly: what two readers could read differently is refused."""

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
_ONCE = frozenset({"host", "content-length", "transfer-encoding", "content-type", "authorization", "expect"})
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


class Refused(Problem):
    """The bytes on this connection cannot be trusted any further: answer, then close."""


class Head(NamedTuple):
    """`length` is the body's bytes, or CHUNKED. Header names are lower case, repeated values joined."""

    method: str
    path: str
    query: str
    minor: int
    headers: dict[str, str]
    length: int
    keep_alive: bool
    expects_continue: bool


def parse_head(raw: bytes, settings: WebSettings) -> Head:
    """`raw` ends before the empty line. Raises Refused (400, 414, 431, 501, 505)."""
    line, _, rest = raw.decode("latin-1").partition("\r\n")
    method, target, minor = _request_line(line, settings)
    headers = _headers(rest, settings)
    if minor == 1 and "host" not in headers:
        raise Refused(400, detail="Send one Host header.")
    path, query = _split(target, method)
    connection = headers.get("connection")
    keep_alive = minor == 1 if connection is None else _keeps(connection, minor)
    expects = minor == 1 and headers.get("expect", "").lower() == "100-continue"
    return Head(method, path, query, minor, headers, _length(headers, minor), keep_alive, expects)


def _request_line(line: str, settings: WebSettings) -> tuple[str, str, int]:
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Refused(400, detail="The first line is not an HTTP request line.")
    method, target, major, minor = found.groups()
    if major != "1":
        raise Refused(505, detail="Speak HTTP/1.1.")
    if len(target) > settings.max_target:
        raise Refused(414, detail=f"The address may be {settings.max_target} bytes long.")
    return method, target, min(int(minor), 1)


def _headers(rest: str, settings: WebSettings) -> dict[str, str]:
    if not rest:
        return {}
    if _FIELDS.fullmatch(rest + "\r\n") is None:
        raise Refused(400, detail="A header line is malformed.")
    lines = rest.split("\r\n")
    if len(lines) > settings.max_headers:
        raise Refused(431, detail=f"At most {settings.max_headers} headers.")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.lower()
        value = value.strip(" \t")
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            raise Refused(400, detail=f"The header {name} may be sent once.")
        else:
            headers[name] = f"{headers[name]}, {value}"
    return headers


def _length(headers: dict[str, str], minor: int) -> int:
    coding = headers.get("transfer-encoding")
    length = headers.get("content-length")
    if coding is not None:
        if length is not None or minor == 0:
            raise Refused(400, detail="Send either Content-Length or, in HTTP/1.1, Transfer-Encoding.")
        if coding.lower() != "chunked":
            raise Refused(501, detail="The only transfer coding understood is chunked.")
        return CHUNKED
    if length is None:
        return 0
    if _LENGTH.fullmatch(length) is None:
        raise Refused(400, detail="Content-Length must be one whole number.")
    return int(length)


def _keeps(connection: str, minor: int) -> bool:
    options = {option.strip().lower() for option in connection.split(",")}
    return "close" not in options and (minor == 1 or "keep-alive" in options)


def _split(target: str, method: str) -> tuple[str, str]:
    if not target.startswith("/"):
        if target == "*" and method == "OPTIONS":
            return "*", ""
        absolute = _ABSOLUTE.match(target)
        if absolute is None:
            raise Refused(400, detail="The address must be a path beginning with a slash.")
        target = target[absolute.end() :]
        target = target if target.startswith("/") else "/" + target
    path, _, query = target.partition("#")[0].partition("?")
    return path, query
