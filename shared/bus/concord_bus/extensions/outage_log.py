"""The line of the log when a connection to the broker is back."""

from time import monotonic
from typing import Any

from concord_bus.domain.outage import Outage


def log_end(log: Any, outage: Outage, connection: str) -> None:
    """End the outage of a connection, and log its length in seconds. Logs nothing if there was none."""
    seconds = outage.end(monotonic())
    if seconds is not None:
        log.info("connected to the broker again", connection=connection, outage_seconds=round(seconds, 1))
