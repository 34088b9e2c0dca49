"""HTTPS to a receiver at the very address that was judged, by urllib3.

The connection is made to the address; the name goes into SNI, the check of the certificate and the Host header. There
are no redirects, no proxies from the environment and no second look-up.
"""

import ssl
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import urllib3
from eventlet.timeout import Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from concord_notification.webhooks.domain.receiver_response import Answer, wait_asked
from concord_notification.webhooks.domain.url_policy import Refused, Target, judged, read_url

ATTEMPT_SECONDS = 15.0
"""The most that one attempt may take: look-up, connecting, sending and the answer, however slowly it drips."""
CONNECT_SECONDS = 5.0
LARGEST_ANSWER = 16 * 1024
"""Of an answer's body this much is read, and thrown away, so that the connection can serve the next event."""
AGENT = "Concord-Webhooks/1"

Resolver = Callable[[str, int], Sequence[str]]
Pool = urllib3.HTTPConnectionPool


class Overdue(Exception):
    """The attempt took too long. No OSError, so that nothing on the way mistakes it for the peer's doing."""


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificate authorities, and those in the file. Raises OSError when that is unusable."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class Unresolved(Exception):
    """The resolver knows no address for the host."""


class HttpsPost:
    """See `ports.Post`. Its deadline needs eventlet's monkey patching; without it, silences are bounded alone."""

    def __init__(self, resolver: Resolver, context: ssl.SSLContext, internal_hosts: Collection[str] = ()) -> None:
        self._resolver = resolver
        self._context = context
        self._internal_hosts = frozenset(internal_hosts)

    @contextmanager
    def visit(self, url: str) -> Iterator["HttpsLine"]:
        line = HttpsLine(url, self._internal_hosts, self._resolver, self._context)
        try:
            yield line
        finally:
            line.close()


class HttpsLine:
    """See `ports.Line`. Looks the host up, once, with the first attempt."""

    def __init__(self, url: str, internal_hosts: Collection[str], resolver: Resolver, context: ssl.SSLContext) -> None:
        self._url = url
        self._internal_hosts = internal_hosts
        self._resolver = resolver
        self._context = context
        self._target: Target | None = None
        self._pools: list[Pool] = []

    def post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            with Timeout(ATTEMPT_SECONDS, Overdue):
                return self._attempt(headers, body)
        except (Overdue, TimeoutError):
            return Answer("timeout")
        except Refused:
            return Answer("address refused")
        except Unresolved:
            return Answer("name not found")
        except (HTTPError, OSError, ValueError) as error:
            return Answer(_cause(error))

    def close(self) -> None:
        for each in self._pools:
            each.close()

    def _attempt(self, headers: Mapping[str, str], body: bytes) -> Answer:
        target = self._look_up()
        for further, pool in enumerate(list(self._pools), 1):
            try:
                answer = self._over(pool, target, headers, body)
            except (NewConnectionError, ConnectTimeoutError):
                if further == len(self._pools):
                    raise
            else:
                self._keep(pool)
                return answer
        return Answer("connection")

    def _look_up(self) -> Target:
        """The target; on the first call its addresses are resolved and judged."""
        if self._target is None:
            target = read_url(self._url, self._internal_hosts)
            try:
                found = self._resolver(target.host, target.port)
            except TimeoutError:
                raise
            except OSError as error:
                raise Unresolved from error
            self._pools = [self._pool(target, each) for each in judged(found, internal=target.internal)]
            self._target = target
        return self._target

    def _pool(self, target: Target, address: str) -> Pool:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ATTEMPT_SECONDS)
        if target.scheme == "http":
            return urllib3.HTTPConnectionPool(address, target.port, timeout=timeout, maxsize=1, retries=False)
        return urllib3.HTTPSConnectionPool(
            address,
            target.port,
            timeout=timeout,
            maxsize=1,
            retries=False,
            ssl_context=self._context,
            server_hostname=target.host,
        )

    def _over(self, pool: Pool, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        given = {**headers, "Host": target.authority, "User-Agent": AGENT, "Accept-Encoding": "identity"}
        response = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers=given | {"Content-Type": "application/cloudevents+json"},
            redirect=False,
            retries=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        _throw_away(response)
        return Answer("status", response.status, wait_asked(response.headers.get("Retry-After"), datetime.now(UTC)))

    def _keep(self, working: Pool) -> None:
        """Go on over the address that answered."""
        for each in self._pools:
            if each is not working:
                each.close()
        self._pools = [working]


def _throw_away(response: urllib3.BaseHTTPResponse) -> None:
    """The status has said all; the body is read so that the connection can be used again, or is not worth it."""
    try:
        rest = response.read(LARGEST_ANSWER + 1)
    except (Overdue, HTTPError, OSError):
        response.close()
        return
    if len(rest) > LARGEST_ANSWER:
        response.close()
    else:
        response.release_conn()


def _cause(error: Exception) -> str:
    if isinstance(error, SSLError | ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return "tls"
    if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(error, NewConnectionError):
        return "timeout"
    return "connection"
