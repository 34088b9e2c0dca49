"""The relay begins on a new connection when the log of public events takes messages.

After a restart the broker confirms messages for a stream that is not there yet, and they are lost. So the relay first
sends a marker to the log alone.
"""

from collections.abc import Callable
from enum import Enum

RETRY_SECONDS = 0.05
"""The pause in seconds between two markers. A stream returns within about two seconds of the broker's start."""


class MarkerOutcome(Enum):
    """The broker's answer to a marker."""

    WRITTEN = "written"
    RETURNED = "returned"  # the log is not there
    NACKED = "nacked"


def await_log(
    send_marker: Callable[[], MarkerOutcome],
    waiting: Callable[[MarkerOutcome], None],
    sleep: Callable[[float], None],
    stopping: Callable[[], bool],
) -> bool:
    """Send markers until the log takes one. Returns False when the service stops first.

    `waiting` receives each other answer. Errors of `send_marker` pass through.
    """
    while not stopping():
        outcome = send_marker()
        if outcome is MarkerOutcome.WRITTEN:
            return True
        waiting(outcome)
        sleep(RETRY_SECONDS)
    return False
