"""Requests to one HTTP server with limits on time and size, over a keep-alive connection.

The client uses no proxies (it ignores variables such as HTTP_PROXY), follows no redirects and does not retry. There is
one exception: when the server has closed an idle connection, the client sends a repeatable request once more.
The module needs no eventlet and works under its monkey patching too.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from concord_http.address import ServerAddress
from concord_http.errors import ResponseTooLargeError, translated
from concord_http.exchange import Exchange
from concord_http.response import Response

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
READ_BYTES = 65_536
REPEATABLE = frozenset({"GET", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, seconds of silence, seconds for the whole request, and bytes of a response's body."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    response_bytes: int = 32_000_000


DEFAULT_LIMITS = Limits()


class HttpClient:
    """Sends one request at a time. Several threads can share it: they take turns."""

    def __init__(
        self,
        url: str | ServerAddress,
        *,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """`url` may hold a login for basic authentication and a path prefix. Raises ValueError when it is no URL."""
        self.address = url if isinstance(url, ServerAddress) else ServerAddress.parse(url)
        common = {"Accept": "*/*", "User-Agent": "concord"}
        self._headers = {**common, **self.address.headers(bearer), **(headers or {})}
        self._limits = limits
        self._connection: HTTPConnection | None = None
        self._turn = threading.Lock()

    def get(self, path: str) -> Response:
        """See `request`."""
        return self.request("GET", path)

    def get_json(self, path: str) -> Any:
        """Return the JSON of a 2xx response. Raises HttpError."""
        return self.get(path).expect().json()

    def request(self, method: str, path: str, body: Any = None) -> Response:
        """Send `body` as JSON, or nothing when it is None; return the response whatever its status.

        Raises UnreachableError, RequestTimeoutError, InvalidResponseError.
        """
        content = None if body is None else json.dumps(body).encode()
        return self._request(method, path, content, JSON)

    def post_form(self, path: str, fields: Mapping[str, str]) -> Response:
        """Send `fields` as a form (application/x-www-form-urlencoded, each percent-encoded); see `request`."""
        return self._request("POST", path, urlencode(fields).encode(), FORM)

    def _request(self, method: str, path: str, content: bytes | None, content_type: str) -> Response:
        headers = self._headers if content is None else {**self._headers, "Content-Type": content_type}
        with self._turn:
            idle, self._connection = self._connection, None
            connection = idle or self.address.connection(self._limits.connect_seconds)
            exchange = Exchange(connection, self._limits.total_seconds)

            def work() -> Response:
                return self._send(exchange, method, self.address.prefix + path, content, headers)

            response = exchange.run(work)
            self._connection = connection if connection.sock is not None else None
            return response

    def _send(
        self, exchange: Exchange, method: str, target: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        connection = exchange.connection
        try:
            if connection.is_connected:
                try:
                    return self._once(connection, method, target, content, headers)
                except (ConnectionResetError, BrokenPipeError):
                    if method not in REPEATABLE:
                        raise
            connection.close()
            exchange.connect(self._limits.connect_seconds)
            return self._once(connection, method, target, content, headers)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            connection.close()
            raise translated(error, self.address.host, self.address.ca_variable) from error
        except BaseException:
            connection.close()
            raise

    def _once(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        connection.timeout = self._limits.read_seconds
        connection.request(method, target, content, headers, preload_content=False, decode_content=False)
        response = connection.getresponse()
        body = bytearray()
        while part := response.read(READ_BYTES):
            body += part
            if len(body) > self._limits.response_bytes:
                raise ResponseTooLargeError(f"response is larger than {self._limits.response_bytes} bytes")
        return Response(response.status, HTTPHeaderDict(response.headers), bytes(body))

    def close(self) -> None:
        """Close the idle connection; the next request opens another."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
