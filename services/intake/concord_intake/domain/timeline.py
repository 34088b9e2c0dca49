"""The timeline of a concern for its reporter: a copy of routing's events and the rules that read it.

Functions that take `steps` expect them in order, as `in_order` returns them.
"""

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
    "answered",
    "unanswered",
]
STATUSES: tuple[Status, ...] = get_args(Status)
STATUSES_WITHOUT_PROMISES: frozenset[Status] = frozenset(
    ("unroutable", "referred", "resolved", "declined", "closed", "withdrawn")
)
"""Steps that end all promises."""
FINAL_STATUSES: frozenset[Status] = frozenset(("resolved", "declined", "closed"))
"""Statuses that a withdrawal cannot change: the work is finished."""
NON_STATUS_STEPS: frozenset[Status] = frozenset(("renegotiated", "missed", "unanswered"))
"""Steps that appear in the history and do not change the concern's status."""
STATUSES_AFTER_WITHDRAWAL: frozenset[Status] = frozenset(("reopened", "closed"))
"""Steps that change the status of a withdrawn concern."""


REPORTER_SEQUENCE = 0
"""The sequence of a step that the reporter made. Routing's sequences begin with 1."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the timeline. `sequence` is routing's count of its events about the concern.

    Steps that choose a team have `team` and `team_name`, steps that make promises have their due times, and an
    `unroutable` step has a `reason`. An update with a question for the reporter has the status `waiting`.
    `promise` is the kind of the promise that the team renegotiated or missed, `due_at` its due time.
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
class OfficerMessage:
    """An officer's text for the reporter, about the step with the same `sequence`."""

    concern_id: str
    sequence: int
    words: str
    where_to_go: str | None = None
    partner: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PromisedTimes:
    """The due times of the open promises, None without a promise."""

    acknowledge_by: datetime | None = None
    respond_by: datetime | None = None


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps in routing's order, whatever the order of their arrival."""
    return tuple(sorted(steps, key=lambda step: step.sequence))


def with_reporter_step(steps: Sequence[Step], concern_id: str, status: Status, at: datetime) -> tuple[Step, ...]:
    """Return the steps with an act of the reporter among them, by its time: routing gave it no sequence."""
    index = sum(step.at <= at for step in steps)
    return (*steps[:index], Step(concern_id, REPORTER_SEQUENCE, status, at), *steps[index:])


def status_of(steps: Sequence[Step]) -> Status:
    """Return the concern's status, `received` without steps.

    A team that has not yet received the withdrawal may still act. The concern stays withdrawn. An answer of
    the reporter changes the status only if the team waits for it.
    """
    status: Status = "received"
    for step in steps:
        if changes_status(step, status):
            status = step.status
    return status


def changes_status(step: Step, status: Status) -> bool:
    """Return whether a step changes the status that the steps before it gave."""
    if step.status in NON_STATUS_STEPS:
        return False
    if step.status == "answered":
        return status == "waiting"
    return status != "withdrawn" or step.status in STATUSES_AFTER_WITHDRAWAL


def latest_status_step(steps: Sequence[Step]) -> int:
    """Return the place of the step that gave the status, -1 without one."""
    status, place = status_of(()), -1
    for number, step in enumerate(steps):
        if changes_status(step, status):
            status, place = step.status, number
    return place


def current_team_step(steps: Sequence[Step]) -> Step | None:
    """Return the step that chose the current team, None while the concern waits for triage."""
    last = next((step for step in reversed(steps) if step.team or step.status == "unroutable"), None)
    return last if last and last.team else None


def promised_times(steps: Sequence[Step]) -> PromisedTimes:
    """Return the due times of the open promises. A new team without due times of its own takes over the old ones."""
    times = PromisedTimes()
    for step in steps:
        if step.status == "renegotiated":
            times = PromisedTimes(step.acknowledge_by or times.acknowledge_by, step.respond_by or times.respond_by)
        elif step.acknowledge_by or step.respond_by or step.status == "reopened":
            times = PromisedTimes(step.acknowledge_by, step.respond_by)
        elif step.status in STATUSES_WITHOUT_PROMISES:
            times = PromisedTimes()
    return times


def latest_area(steps: Sequence[Step]) -> str | None:
    """Return the latest known area."""
    return next((step.area for step in reversed(steps) if step.area), None)
