"""The source of a JWKS document: a file, or an https address. Bounded in size and time; follows no redirect."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from concord_access.adapters.jwks import MAX_JWKS_BYTES, UnreadableKeys
from concord_http import HttpClient, HttpError, Limits, ServerAddress, UnexpectedStatusError

SECONDS = 5.0
"""The maximum time of a request, from connecting to the last byte."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def jwks_reader(place: str, seconds: float = SECONDS) -> Callable[[], bytes]:
    """Return a reader of `place`: an https URL (http on this machine only) or a file. Raises ValueError for another
    URL."""
    if "://" not in place:
        return lambda: read_file(Path(place))
    parts = urlsplit(place)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain) or parts.username is not None:
        raise ValueError("must be a file, or an https URL without a login")
    return lambda: fetch(parts, seconds)


def read_file(file: Path) -> bytes:
    """Return the content of a file. Raises UnreadableKeys."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_JWKS_BYTES + 1)
    except OSError as error:
        raise UnreadableKeys(f"the file: {error.strerror}") from None


def fetch(parts: SplitResult, seconds: float) -> bytes:
    """Return the body of a 200 response. Raises UnreadableKeys for any other, slow or large response."""
    server = ServerAddress.parse(f"{parts.scheme}://{parts.netloc}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    limits = Limits(connect_seconds=seconds, read_seconds=seconds, total_seconds=seconds, response_bytes=MAX_JWKS_BYTES)
    try:
        with HttpClient(server, limits=limits) as client:
            return client.get(target).expect(200).body
    except UnexpectedStatusError as error:
        raise UnreadableKeys(f"the issuer's server: unexpected status {error.status}") from None
    except HttpError as error:
        raise UnreadableKeys(f"the issuer's server: {error}") from None
