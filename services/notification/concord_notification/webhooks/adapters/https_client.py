"""HTTPS to a receiver, at an address that the URL policy allows, by urllib3.

The connection goes to the address. SNI, the check of the certificate and the Host header use the name. The client
follows no redirect, reads no proxy from the environment and looks the name up only once.
"""

import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import urllib3
from eventlet.timeout import Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from concord_notification.webhooks.domain.receiver_response import ReceiverResponse, parse_retry_after
from concord_notification.webhooks.domain.url_policy import Target, UrlRefused, allowed_addresses, parse_url
from concord_notification.webhooks.ports import Resolver

ATTEMPT_SECONDS = 15.0
"""The limit of one attempt: look-up, connecting, sending and the response, even when it arrives byte by byte."""
CONNECT_SECONDS = 5.0
MAX_RESPONSE_BYTES = 16 * 1024
"""The part of a response's body that the client reads and discards, to reuse the connection for the next event."""

Pool = urllib3.HTTPConnectionPool


class DeadlineExceeded(Exception):
    """The attempt took too long. It is no OSError, so that no library mistakes it for an error of the peer."""


class NameNotFound(Exception):
    """The resolver knows no address for the host."""


def trust_store(ca_file: Path | None) -> ssl.SSLContext:
    """Return the system's certificate authorities and those in the file. Raises OSError for an unusable file."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class HttpsSession:
    """Implements `ports.HttpSession`. Its deadline needs eventlet's monkey patching."""

    def __init__(self, resolver: Resolver, context: ssl.SSLContext, internal_hosts: Collection[str] = ()) -> None:
        self.resolver = resolver
        self.context = context
        self.internal_hosts = frozenset(internal_hosts)

    @contextmanager
    def connect(self, url: str) -> Iterator["HttpsConnection"]:
        connection = HttpsConnection(url, self)
        try:
            yield connection
        finally:
            connection.close()


class HttpsConnection:
    """Implements `ports.HttpConnection`. The first attempt looks the host up."""

    def __init__(self, url: str, session: HttpsSession) -> None:
        self._url = url
        self._session = session
        self._target: Target | None = None
        self._pools: list[Pool] = []

    def post(self, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        try:
            with Timeout(ATTEMPT_SECONDS, DeadlineExceeded):
                return self._attempt(headers, body)
        except (DeadlineExceeded, TimeoutError):
            return ReceiverResponse("timeout")
        except UrlRefused:
            return ReceiverResponse("address refused")
        except NameNotFound:
            return ReceiverResponse("name not found")
        except (HTTPError, OSError, ValueError) as error:
            return ReceiverResponse(_cause(error))

    def close(self) -> None:
        for pool in self._pools:
            pool.close()

    def _attempt(self, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        target = self._look_up()
        for number, pool in enumerate(list(self._pools), 1):
            try:
                response = self._post(pool, target, headers, body)
            except (NewConnectionError, ConnectTimeoutError):
                if number == len(self._pools):
                    raise
            else:
                self._use_only(pool)
                return response
        return ReceiverResponse("connection")

    def _look_up(self) -> Target:
        """Return the target. The first call resolves its addresses and checks them."""
        if self._target is None:
            target = parse_url(self._url, self._session.internal_hosts)
            try:
                addresses = self._session.resolver(target.host, target.port)
            except TimeoutError:
                raise
            except OSError as error:
                raise NameNotFound from error
            allowed = allowed_addresses(addresses, internal=target.internal)
            self._pools = [self._pool(target, address) for address in allowed]
            self._target = target
        return self._target

    def _pool(self, target: Target, address: str) -> Pool:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ATTEMPT_SECONDS)
        options: dict[str, Any] = {"timeout": timeout, "maxsize": 1, "retries": False}
        if target.scheme == "http":
            return urllib3.HTTPConnectionPool(address, target.port, **options)
        options |= {"ssl_context": self._session.context, "server_hostname": target.host}
        return urllib3.HTTPSConnectionPool(address, target.port, **options)

    def _post(self, pool: Pool, target: Target, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        response = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers={**headers, "Host": target.authority, "Accept-Encoding": "identity"},
            redirect=False,
            retries=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        _discard_body(response)
        retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return ReceiverResponse("status", response.status, retry_after)

    def _use_only(self, working: Pool) -> None:
        """Send the next events to the address that answered."""
        for pool in self._pools:
            if pool is not working:
                pool.close()
        self._pools = [working]


def _discard_body(response: urllib3.BaseHTTPResponse) -> None:
    """Read the body so that the connection can serve again; close it when the body is too long."""
    try:
        rest = response.read(MAX_RESPONSE_BYTES + 1)
    except (DeadlineExceeded, HTTPError, OSError):
        response.close()
        return
    if len(rest) > MAX_RESPONSE_BYTES:
        response.close()
    else:
        response.release_conn()


def _cause(error: Exception) -> str:
    if isinstance(error, SSLError | ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return "tls"
    if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(error, NewConnectionError):
        return "timeout"
    return "connection"
