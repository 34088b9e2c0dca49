"""Checks of a service's readiness and metrics. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from concord_cli.common.terminal_text import counted
from concord_cli.doctor.findings import Finding, ok, problem, warning

MAX_OUTBOX_AGE_SECONDS = 60.0
"""The relay empties an outbox within a second while the broker accepts messages."""
UNROUTABLE = "concord_bus_unroutable_private"
PARKED = "concord_bus_parked_messages"
OUTBOX_AGE = "concord_bus_outbox_oldest_seconds"


def check_service(name: str, reasons: Sequence[str], metrics: Mapping[str, float]) -> Iterator[Finding]:
    """Check the `reasons` of /readyz (empty for a ready service) and the metrics without labels."""
    for reason in reasons:
        yield problem(name, f"not ready: {reason}", f"See the log of {name}.")
    if not reasons:
        yield ok(name, "ready")
    if unroutable := round(metrics.get(UNROUTABLE, 0)):
        yield problem(
            name,
            f"{counted(unroutable, 'private message')} without a queue",
            "Run `concord topology apply`; then the service sends them.",
        )
    if metrics.get(OUTBOX_AGE, 0) > MAX_OUTBOX_AGE_SECONDS:
        yield warning(
            name,
            f"the oldest message in its outbox is {metrics[OUTBOX_AGE]:,.0f} s old",
            "Is the broker reachable and without alarms? No message is lost.",
        )
    if parked := round(metrics.get(PARKED, 0)):
        yield warning(name, counted(parked, "parked message"), f"List them: `concord parked list {name}`.")
