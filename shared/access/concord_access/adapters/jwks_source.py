"""Where a JWKS document comes from: a file, or an https address. Bounded in size and time, no redirect followed."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from concord_access.adapters.jwks import MAX_JWKS_BYTES, UnreadableKeys
from concord_http import HttpClient, HttpError, Limits, ServerAddress, UnexpectedStatusError

SECONDS = 5.0
"""For the whole of a fetch, from connecting to the last byte."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def jwks_reader(place: str, seconds: float = SECONDS) -> Callable[[], bytes]:
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
            return given.read(MAX_JWKS_BYTES + 1)
    except OSError as error:
        raise UnreadableKeys(f"the file: {error.strerror}") from None


def fetch(parts: SplitResult, seconds: float) -> bytes:
    """Raises UnreadableKeys; also for a response that is slow, large, or anything but 200."""
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
