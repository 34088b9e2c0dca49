"""The readiness of a service, with the reasons against it."""

from collections.abc import Callable
from dataclasses import dataclass

from concord_bus.metrics import Instruments

SILENT_SECONDS = 5.0


@dataclass
class ConnectionState:
    """The state of one connection to the broker; its loop updates it."""

    name: str
    instruments: Instruments
    problem: str | None = "is not connected yet"
    warnings: tuple[str, ...] = ()
    """Faults to mend although the service can do its work, one sentence each."""

    def up(self) -> None:
        self.instruments.connected.labels(self.name).set(1)
        self.problem = None

    def down(self, problem: str) -> None:
        """Record a problem that completes the sentence "the <name> ..."."""
        self.instruments.connected.labels(self.name).set(0)
        self.problem = problem

    def check(self) -> str | None:
        """Return the reason that the service is not ready, or None."""
        return f"the {self.name} {self.problem}" if self.problem else None


Check = Callable[[], str | None]
"""Returns the reason that the service is not ready, or None."""


def health(checks: list[Check]) -> list[str]:
    """Run every check, and return the reasons. A check that fails itself counts as a reason."""
    reasons = []
    for check in checks:
        try:
            reason = check()
        except Exception as error:  # a failing check must not break the health page
            reason = f"a check failed: {type(error).__name__}"
        if reason:
            reasons.append(reason)
    return reasons
