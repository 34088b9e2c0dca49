"""Whether a service can do its work now, and if not, why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from concord_bus.metrics import Instruments

SILENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Health:
    """`ready` when there is no reason against it."""

    reasons: list[str]

    @property
    def ready(self) -> bool:
        return not self.reasons


@dataclass
class ConnectionState:
    """What is known of one connection to the broker; its loop keeps it up to date."""

    name: str
    instruments: Instruments
    problem: str | None = "not connected yet"
    _since: float = field(default_factory=monotonic)

    def up(self) -> None:
        self.instruments.connected(self.name, True)
        self.problem = None

    def down(self, problem: str) -> None:
        """`problem` completes the sentence 'the <name> …'."""
        self.instruments.connected(self.name, False)
        self.problem = problem


Check = Callable[[], str | None]
"""A reason why the service is not ready, or None."""


def health(checks: list[Check]) -> Health:
    """Ask every check. One that fails itself counts as a reason."""
    reasons = []
    for check in checks:
        try:
            reason = check()
        except Exception as error:  # a check must never take the health page down
            reason = f"a check failed: {type(error).__name__}"
        if reason:
            reasons.append(reason)
    return Health(reasons)
