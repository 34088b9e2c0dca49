"""A GET with the times that show how far the server's clock is from this machine's."""

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from concord_cli.doctor.machine_rules import skew
from concord_http import HttpClient, HttpError, Limits, RequestTimeoutError, Response, ServerAddress

LIMITS = Limits(connect_seconds=10, read_seconds=10, total_seconds=30)


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """`ahead` is the number of seconds by which the server's clock is ahead of ours, None without a date."""

    response: Response
    ahead: float | None


def timed_get(server: ServerAddress, path: str) -> TimedResponse:
    """Return the response, whatever its status. Raises HttpError."""
    with HttpClient(server, limits=LIMITS) as client:
        sent = time.time()
        response = client.get(path)
    return TimedResponse(response, _ahead(response.headers.get("Date"), sent, time.time()))


def why(error: HttpError) -> str:
    """Return the reason of a failed request, with the time that a silent server had."""
    return f"no answer within {LIMITS.read_seconds:.0f} s" if isinstance(error, RequestTimeoutError) else str(error)


def _ahead(date: str | None, sent: float, received: float) -> float | None:
    try:
        return skew(sent, parsedate_to_datetime(date).timestamp(), received) if date else None
    except ValueError:
        return None
