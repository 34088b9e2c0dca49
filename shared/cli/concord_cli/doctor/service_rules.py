"""Checks of a service's readiness and metrics. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from concord_cli.common.terminal_text import counted
from concord_cli.doctor.findings import Finding, ok, problem, warning

MAX_OUTBOX_AGE_SECONDS = 60.0
"""The relay empties an outbox within a second while the broker accepts messages."""
REFUSED = "Other messages pass. No message is lost; the service tries again."
KEYS = "Put the missing key back behind the newest, and start the service again: see docs/runbooks/VaultUnreadable.md."
RENEWED = "The service reads a renewed file at its next connection."
UNROUTABLE = "concord_bus_unroutable_private"
NOT_TRIED = "not connected yet"
"""The end of a reason before the first attempt to connect has succeeded or failed."""
NO_KEY = "no key "
"""The beginning of a fault of keys, in KeyCheck and in the check of webhooks."""
PARKED = "concord_bus_parked_messages"
OUTBOX_AGE = "concord_bus_outbox_oldest_seconds"


def check_service(
    name: str, reasons: Sequence[str], metrics: Mapping[str, float], warnings: Sequence[str] = ()
) -> Iterator[Finding]:
    """Check `reasons` and `warnings` of /readyz (no reasons: a ready service) and the metrics without labels."""
    for reason in reasons:
        if reason.endswith(NOT_TRIED):
            yield warning(name, f"not known yet: {reason}", "Run this again in 10 s: the service has just started.")
        else:
            yield problem(name, f"not ready: {reason}", KEYS if NO_KEY in reason else f"See the log of {name}.")
    if not reasons:
        yield ok(name, "ready")
    for text in warnings:
        yield warning(name, text, _remedy(text))
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


def _remedy(text: str) -> str:
    if NO_KEY in text:
        return KEYS
    return RENEWED if "certificate" in text else REFUSED
