"""The readiness of a service, with the reasons against it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from concord_bus.metrics import Instruments

SILENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Health:
    """The service is `ready` without reasons against it."""

    reasons: list[str]

    @property
    def ready(self) -> bool:
        return not self.reasons


@dataclass
class ConnectionState:
    """The state of one connection to the broker; its loop updates it."""

    name: str
    instruments: Instruments
    problem: str | None = "not connected yet"
    _since: float = field(default_factory=monotonic)

    def up(self) -> None:
        self.instruments.connected(self.name, True)
        self.problem = None

    def down(self, problem: str) -> None:
        """Record a problem that completes the sentence "the <name> ..."."""
        self.instruments.connected(self.name, False)
        self.problem = problem


Check = Callable[[], str | None]
"""Returns the reason that the service is not ready, or None."""


def health(checks: list[Check]) -> Health:
    """Run every check. A check that fails itself counts as a reason."""
    reasons = []
    for check in checks:
        try:
            reason = check()
        except Exception as error:  # a failing check must not break the health page
            reason = f"a check failed: {type(error).__name__}"
        if reason:
            reasons.append(reason)
    return Health(reasons)
