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
    "renegotiated",
    "missed",
    "withdrawn",
]
STATUSES: tuple[Status, ...] = get_args(Status)
ENDED: frozenset[Status] = frozenset(("referred", "resolved", "declined", "closed", "withdrawn"))
"""No promised time stands any more."""
OVER: frozenset[Status] = frozenset(("resolved", "declined", "closed"))
"""Nothing is being done that the reporter could take back."""
BY_THE_WAY: frozenset[Status] = frozenset(("renegotiated", "missed"))
"""Steps that the reporter reads in the history, but that leave the concern as it was."""

AFTER_WITHDRAWAL: frozenset[Status] = frozenset(("reopened", "closed"))
"""What can become of a concern that was taken back."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done with a concern. `sequence` is routing's own count of its events about that concern.

    `team` and `team_name` are of a concern that a team was chosen for, promised times of one that is promised
    something, `reason` is of one that no rule could place. An update that asks the resident something is `waiting`.
    `promise` says which promise was renegotiated or missed, `due_at` by when it is or was due.
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
    area: str | None = None
    promise: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What an officer wrote to the reporter about the step of that sequence."""

    concern_id: str
    sequence: int
    words: str
    where_to_go: str | None = None
    partner: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promised:
    """What still stands of what was promised; None where nothing does."""

    acknowledge_by: datetime | None = None
    respond_by: datetime | None = None


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """As routing took them, in whatever order they came to us."""
    return tuple(sorted(steps, key=lambda step: step.sequence))


def with_withdrawal(steps: Sequence[Step], concern_id: str, withdrawn_at: datetime | None) -> tuple[Step, ...]:
    """Steps in order, with the reporter's own among them: it has no number of routing's, so its time places it."""
    if withdrawn_at is None:
        return tuple(steps)
    before = sum(each.at <= withdrawn_at for each in steps)
    return (*steps[:before], Step(concern_id, 0, "withdrawn", withdrawn_at), *steps[before:])


def status_of(steps: Sequence[Step]) -> Status:
    """The status that the latest of steps in order left; received while there is none.

    A team that had not yet heard that it was taken back may still do things: it stays taken back.
    """
    found: Status = "received"
    for step in steps:
        if step.status not in BY_THE_WAY and (found != "withdrawn" or step.status in AFTER_WITHDRAWAL):
            found = step.status
    return found


def holder(steps: Sequence[Step]) -> Step | None:
    """Of steps in order, the one that chose the team which has the concern now; None while a person is to choose."""
    chosen = [step for step in steps if step.team or step.status == "unroutable"]
    return chosen[-1] if chosen and chosen[-1].team else None


def promised(steps: Sequence[Step]) -> Promised:
    """The latest promised times of steps in order. A new team without times of its own keeps those that stand."""
    found = Promised()
    for step in steps:
        if step.status == "renegotiated":
            found = Promised(step.acknowledge_by or found.acknowledge_by, step.respond_by or found.respond_by)
        elif step.acknowledge_by or step.respond_by or step.status == "reopened":
            found = Promised(step.acknowledge_by, step.respond_by)
        elif step.status in ENDED or step.status == "unroutable":
            found = Promised()
    return found


def area_of(steps: Sequence[Step]) -> str | None:
    """Of steps in order, the latest area known."""
    return next((step.area for step in reversed(steps) if step.area), None)
