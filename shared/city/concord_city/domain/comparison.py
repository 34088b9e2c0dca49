"""Two cities' decisions about the same concern, and the differences between them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from concord_city.domain.model import Promise, Reason
from concord_city.domain.rule_matching import rule_time

Difference = Literal["area", "team", "reason", "acknowledge_by", "respond_by"]
Shift = Literal["earlier", "later", "made", "dropped"]


@dataclass(frozen=True, slots=True)
class PastConcern:
    """A concern as the rules see it. `point` is (longitude, latitude); times are aware.

    `occurred_at` is None when the time of the problem is unknown.
    """

    id: str
    category: str
    channel: str
    received_at: datetime
    occurred_at: datetime | None = None
    point: tuple[float, float] | None = None

    @property
    def rule_time(self) -> datetime:
        return rule_time(self.occurred_at, self.received_at)


@dataclass(frozen=True, slots=True)
class Decision:
    """One city's decision. With a team it has a `rule` (its name or its number) and a `promise`, else a `reason`."""

    area: str | None
    team: str | None = None
    reason: Reason | None = None
    rule: str | None = None
    promise: Promise | None = None

    @property
    def acknowledge_by(self) -> datetime | None:
        return self.promise.acknowledge_by if self.promise else None

    @property
    def respond_by(self) -> datetime | None:
        return self.promise.respond_by if self.promise else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The decision of the present city (`now`) and of the city to try (`new`) about one concern."""

    concern: PastConcern
    now: Decision
    new: Decision

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The parts of the decision that differ. The rule alone makes no difference to anybody."""
        names: tuple[Difference, ...] = ("area", "team", "reason", "acknowledge_by", "respond_by")
        if self.now == self.new:
            return ()
        return tuple(name for name in names if getattr(self.now, name) != getattr(self.new, name))

    @property
    def goes_elsewhere(self) -> bool:
        """True if another team takes the concern, or a person in triage has to choose, or no longer has to."""
        return self.now.team != self.new.team


def shift(now: datetime | None, new: datetime | None) -> Shift | None:
    """Return how a due time changes; None if it stays."""
    if now == new:
        return None
    if now is None:
        return "made"
    if new is None:
        return "dropped"
    return "earlier" if new < now else "later"
