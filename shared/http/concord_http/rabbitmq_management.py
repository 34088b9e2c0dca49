"""RabbitMQ's management API."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from concord_http.address import ServerAddress
from concord_http.client import HttpClient, Limits
from concord_http.errors import HttpError, UnexpectedStatusError
from concord_http.tls import TlsFiles

PORT, TLS_PORT = 15672, 15671
LIMITS = Limits(connect_seconds=10, read_seconds=30, total_seconds=60)
REPEATS, PAUSE_SECONDS = 3, 0.3


class ManagementError(HttpError):
    """The API refused or did not answer; the text says what to do. `status` is None without a response."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


def management_address(url: str, tls: TlsFiles | None = None) -> ServerAddress:
    """Read `http://user:password@host:15672` or `https://user:password@host:15671`. Raises ValueError.

    Without a login it is guest's. Without a port it is RabbitMQ's, but the scheme's own when the URL has a path: then a
    reverse proxy answers.
    """
    parts = urlsplit(url)
    port = None if parts.path.strip("/") else TLS_PORT if parts.scheme == "https" else PORT
    address = ServerAddress.parse(url, default_port=port, tls=tls or TlsFiles())
    if address.user is not None:
        return address
    return ServerAddress.parse(address.with_login("guest", "guest"), tls=address.tls)


class RabbitManagement:
    """Calls with the login in the URL; each opens a connection of its own."""

    def __init__(
        self,
        url: str,
        *,
        limits: Limits = LIMITS,
        sleep: Callable[[float], object] = time.sleep,
        tls: TlsFiles | None = None,
    ) -> None:
        """`sleep` takes seconds; `tls` are the certificates for https. Raises ManagementError when `url` is no URL."""
        try:
            self._address = management_address(url, tls)
        except ValueError as error:
            raise ManagementError(f"the management URL {error}, such as http://user:password@host:15672") from None
        self._limits = limits
        self._sleep = sleep

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of the response to `method` on `path` ("/api/..."), None when it is empty.

        Raises ManagementError. RabbitMQ may answer 500 while the object of the request changes, such as a login whose
        connections are being closed: a request that may be repeated is sent again.
        """
        for _ in range(REPEATS):
            try:
                return self._call(method, path, body)
            except ManagementError as error:
                if error.status != 500 or method == "POST":
                    raise
                self._sleep(PAUSE_SECONDS)
        return self._call(method, path, body)

    def import_definitions(self, document: Mapping[str, Any]) -> None:
        """Declare exchanges, queues, policies and logins; those that exist stay. Raises ManagementError."""
        self.call("POST", "/api/definitions", document)

    def create_vhost(self, name: str) -> None:
        """Create a virtual host, in which the caller has all rights. Raises ManagementError."""
        self.call("PUT", f"/api/vhosts/{quote(name, safe='')}", {})

    def delete_vhost(self, name: str) -> None:
        """Raises ManagementError."""
        self.call("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def status(self, path: str) -> int | None:
        """Return the status of a GET, None without a response."""
        try:
            with HttpClient(self._address, limits=self._limits) as client:
                return client.get(path).status
        except HttpError:
            return None

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            with HttpClient(self._address, limits=self._limits) as client:
                return client.request(method, path, body).expect().json()
        except UnexpectedStatusError as error:
            raise ManagementError(_explain(error), error.status) from error
        except HttpError as error:
            text = f"no response from the management API at {self._address.url}: {error}. Is the plugin enabled?"
            raise ManagementError(text) from error


def _explain(error: UnexpectedStatusError) -> str:
    if error.status == 401:
        return "the management API refused the login: give the login of an administrator of the broker in its URL"
    return f"the management API answered {error.status}" + (f": {error.excerpt}" if error.excerpt else "")
