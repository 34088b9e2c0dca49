"""What a receiver's answer means."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT = 6 * 3600.0
"""What Retry-After may ask for at the most, in seconds: a receiver must not hold its events for a year."""
GONE = 410


class Verdict(StrEnum):
    TAKEN = "taken"
    LATER = "later"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answer:
    """How one attempt went. `cause` is a short code for lists and metrics, never the receiver's words.

    `status` is None when no answer came; `retry_after` in seconds, as the receiver asked.
    """

    cause: str
    status: int | None = None
    retry_after: float | None = None

    @property
    def verdict(self) -> Verdict:
        """2xx only is success; 410 ends the endpoint. A redirect is a failure: it is not followed."""
        if self.status is not None and 200 <= self.status < 300:
            return Verdict.TAKEN
        return Verdict.GONE if self.status == GONE else Verdict.LATER

    @property
    def words(self) -> str:
        """For people: `status 503`, `timeout`."""
        return self.cause if self.status is None else f"status {self.status}"


def wait_asked(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, LONGEST_WAIT at the most; None for none or what cannot be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(LONGEST_WAIT, float(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None
    return min(LONGEST_WAIT, max(0.0, seconds))
