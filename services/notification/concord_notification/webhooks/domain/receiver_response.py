"""The response of a webhook receiver, and its meaning."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

MAX_RETRY_AFTER = 6 * 3600.0
"""The longest Retry-After that counts, in seconds: a receiver must not delay its events for a year."""
GONE = 410


class Verdict(StrEnum):
    """The values are labels of `concord_webhooks_attempts_total`."""

    ACCEPTED = "taken"
    RETRY = "later"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ReceiverResponse:
    """The result of one attempt. `cause` is a short code for lists and metrics, never the receiver's own text.

    `status` is None without a response. `retry_after` is the receiver's Retry-After in seconds.
    """

    cause: str
    status: int | None = None
    retry_after: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Only 2xx is success; 410 disables the endpoint. A redirect is a failure."""
        if self.status is not None and 200 <= self.status < 300:
            return Verdict.ACCEPTED
        return Verdict.GONE if self.status == GONE else Verdict.RETRY

    @property
    def summary(self) -> str:
        """A text for operators: `status 503`, `timeout`."""
        return self.cause if self.status is None else f"status {self.status}"


def parse_retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, at most MAX_RETRY_AFTER; None if it is absent or invalid."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(MAX_RETRY_AFTER, float(text[:9]))
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None
    return min(MAX_RETRY_AFTER, max(0.0, seconds))
