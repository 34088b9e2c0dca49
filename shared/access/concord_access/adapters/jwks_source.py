"""Where a JWKS document comes from: a file, or an https address. Bounded in size and time, no redirect followed."""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from concord_access.adapters.jwks import LARGEST, UnreadableKeys

SECONDS = 5.0
"""For the whole of a fetch, from connecting to the last byte."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def source_of(place: str, seconds: float = SECONDS) -> Callable[[], bytes]:
    """What reads `place`: an https URL (http on this machine only) or a file. Raises ValueError for another URL."""
    if "://" not in place:
        return lambda: read_file(Path(place))
    parts = urlsplit(place)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain) or parts.username is not None:
        raise ValueError("must be a file, or an https URL without a login")
    return lambda: fetch(parts, seconds)


def read_file(file: Path) -> bytes:
    """Raises UnreadableKeys."""
    try:
        with file.open("rb") as given:
            return given.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableKeys(f"the file: {error.strerror}") from None


def fetch(parts: SplitResult, seconds: float) -> bytes:
    """Raises UnreadableKeys; also for an answer that is slow, large, or anything but 200.

    A timeout of a socket counts from byte to byte, and looking up a name has none: one who drips would hold us for
    ever. So a thread of its own asks, and is waited for only so long.
    """
    connection = _connection(parts, seconds)
    answers: list[bytes | UnreadableKeys] = []
    asking = threading.Thread(target=_ask, args=(connection, parts, answers), name="jwks", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answers:
        _cut(connection)
        raise UnreadableKeys(f"the issuer did not answer in full within {seconds:g} s")
    if isinstance(answers[0], UnreadableKeys):
        raise answers[0]
    return answers[0]


def _ask(connection: http.client.HTTPConnection, parts: SplitResult, answers: list[bytes | UnreadableKeys]) -> None:
    target = parts.path or "/"
    try:
        connection.request("GET", f"{target}?{parts.query}" if parts.query else target, headers={"Accept": "*/*"})
        answer = connection.getresponse()
        body = answer.read(LARGEST + 1)
        wrong = UnreadableKeys(f"the issuer answered {answer.status}")
        answers.append(body if answer.status == http.client.OK else wrong)
    except (OSError, ValueError, http.client.HTTPException) as error:
        answers.append(UnreadableKeys(f"the issuer cannot be reached: {type(error).__name__}"))
    finally:
        connection.close()


def _connection(parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=seconds)
    return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())


def _cut(connection: http.client.HTTPConnection) -> None:
    sock: socket.socket | None = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
