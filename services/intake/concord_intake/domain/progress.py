"""What became of a concern, as its reporter sees it: a copy made from routing's events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Status = Literal[
    "received",
    "routed",
    "unroutable",
    "acknowledged",
    "updated",
    "waiting",
    "reassigned",
    "referred",
    "resolved",
    "declined",
    "reopened",
    "closed",
]
STATUSES: tuple[Status, ...] = get_args(Status)
ENDED: frozenset[Status] = frozenset(("referred", "resolved", "declined", "closed"))
"""No promised time stands any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing routing did with a concern. `sequence` is routing's own count of its events about that concern.

    `team` and `team_name` are of a concern that a team was chosen for, promised times of one that is promised
    something, `reason` is of one that no rule could place. An update that asks the resident something is `waiting`.
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


@dataclass(frozen=True, slots=True)
class Promised:
    """What still stands of what was promised; None where nothing does."""

    acknowledge_by: datetime | None = None
    respond_by: datetime | None = None


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """As routing took them, in whatever order they came to us."""
    return tuple(sorted(steps, key=lambda step: step.sequence))


def status_of(steps: Sequence[Step]) -> Status:
    """The status that routing's latest step left; received while there is none."""
    return max(steps, key=lambda step: step.sequence).status if steps else "received"


def holder(steps: Sequence[Step]) -> Step | None:
    """Of steps in order, the one that chose the team which has the concern now; None while a person is to choose."""
    chosen = [step for step in steps if step.team or step.status == "unroutable"]
    return chosen[-1] if chosen and chosen[-1].team else None


def promised(steps: Sequence[Step]) -> Promised:
    """The latest promised times of steps in order. A new team without times of its own keeps those that stand."""
    found = Promised()
    for step in steps:
        if step.acknowledge_by or step.respond_by or step.status == "reopened":
            found = Promised(step.acknowledge_by, step.respond_by)
        elif step.status in ENDED or step.status == "unroutable":
            found = Promised()
    return found
