"""Actions of reporters after the report, their choices, and looks at a concern by people of the city.

Functions that take `steps` expect them in order, with those of the reporter among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from concord_contracts.feedback_links import LIFETIME as FEEDBACK_TIME
from concord_intake.domain.timeline import FINAL_STATUSES, NON_STATUS_STEPS, Status, Step, status_of

Action = Literal["answered", "contact_set", "mails_stopped", "feedback", "withdrawn"]

ENDED_STATUSES: frozenset[Status] = FINAL_STATUSES | {"withdrawn"}
"""Statuses in which nobody works on the concern."""
_AFTER_RESOLUTION: frozenset[Status] = NON_STATUS_STEPS | {"closed", "answered"}
"""Steps that leave a resolution as it is."""


@dataclass(frozen=True, slots=True)
class ReporterAction:
    """An action of a reporter: once for each `key`, which the reporter's page or program chose.

    `fingerprint` is a keyed hash of the request. Intake keeps no words: whoever finds a mail with a link, or a receipt,
    reads when the reporter wrote, and not what.
    """

    concern_id: str
    key: str
    action: Action
    fingerprint: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Looks:
    """The number of times that people of the city looked at a concern's words and place, or at its contact.

    `part` is one of `LOOKS` of the contracts: `concern` or `contact`.
    """

    concern_id: str
    part: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Choices:
    """The actions that a reporter may take now.

    `resolution` is the sequence of the resolution to give feedback on, if any.
    """

    may_answer: bool
    is_asked: bool
    may_withdraw: bool
    resolution: int | None

    @property
    def may_give_feedback(self) -> bool:
        return self.resolution is not None


def choices(steps: Sequence[Step], now: datetime) -> Choices:
    """Return what the steps allow. The reporter may have given feedback on the resolution already."""
    status = status_of(steps)
    is_open = status not in ENDED_STATUSES
    resolved = latest_resolution(steps)
    in_time = resolved is not None and now < resolved.at + FEEDBACK_TIME
    return Choices(is_open, status == "waiting", is_open, resolved.sequence if resolved and in_time else None)


def latest_resolution(steps: Sequence[Step]) -> Step | None:
    """Return the step that resolved the concern, None if something but a closure followed it."""
    resolved: Step | None = None
    for step in steps:
        if step.status == "resolved":
            resolved = step
        elif step.status not in _AFTER_RESOLUTION:
            resolved = None
    return resolved


def gets_mail(contact_given: bool, actions: Sequence[ReporterAction]) -> bool:
    """Return whether mails go to the reporter: a contact was given, and no later action stopped the mails."""
    latest = next((each.action for each in reversed(actions) if each.action in ("contact_set", "mails_stopped")), None)
    return latest == "contact_set" if latest else contact_given
