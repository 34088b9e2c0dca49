"""What a service says of itself. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from concord_cli.doctor.findings import Finding, ok, problem, warning

OLD_SECONDS = 60.0
"""An outbox is emptied within a second while the broker takes messages."""
UNROUTABLE, PARKED, OLDEST = (
    "concord_bus_unroutable_private",
    "concord_bus_parked_messages",
    "concord_bus_outbox_oldest_seconds",
)


def judge_service(name: str, reasons: Sequence[str], metrics: Mapping[str, float]) -> Iterator[Finding]:
    """`reasons` of its /readyz, none when it is ready; `metrics` without labels, empty when they cannot be read."""
    for reason in reasons:
        yield problem(name, f"not ready: {reason}", f"See the log of {name}.")
    if not reasons:
        yield ok(name, "ready")
    if unroutable := round(metrics.get(UNROUTABLE, 0)):
        yield problem(
            name,
            f"{unroutable:,} private messages wait because no queue takes them",
            "Run `concord topology apply`; they are then sent by themselves.",
        )
    if metrics.get(OLDEST, 0) > OLD_SECONDS:
        yield warning(
            name,
            f"its outbox has waited for {metrics[OLDEST]:,.0f} s",
            "Is the broker reachable and without alarms? Nothing is lost meanwhile.",
        )
    if parked := round(metrics.get(PARKED, 0)):
        yield warning(
            name, f"{parked:,} parked message{'s' * (parked != 1)}", f"Look at them: `concord parked list {name}`."
        )
