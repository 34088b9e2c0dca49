"""What became of a concern, as its reporter sees it: a copy made from routing's events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["received", "routed", "unroutable"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing routing did with a concern. `sequence` is routing's own count of its events about that concern.

    `team` and the promised times are of a routed concern, `reason` is of one that no rule could place.
    """

    concern_id: str
    sequence: int
    status: Status
    at: datetime
    team: str | None = None
    team_name: str | None = None
    acknowledge_by: datetime | None = None
    respond_by: datetime | None = None
    reason: str | None = None


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """As routing took them, in whatever order they came to us."""
    return tuple(sorted(steps, key=lambda step: step.sequence))


def status_of(steps: Sequence[Step]) -> Status:
    """The status that routing's latest step left; received while there is none."""
    return max(steps, key=lambda step: step.sequence).status if steps else "received"
