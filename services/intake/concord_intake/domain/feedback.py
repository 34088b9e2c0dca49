"""A reporter's feedback on a resolution and their withdrawal of a concern, with the events that publish them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernWithdrawn, FeedbackGiven, ObjectionGiven, ReopenRequested
from concord_intake.domain.concern import Concern
from concord_intake.domain.timeline import Step, current_team_step, latest_area

RATINGS = ("voice", "respect", "neutrality", "motives")
"""Ratings of the city's treatment, each from 1 (not at all) to 5 (fully) or None."""
MIN_RATING, MAX_RATING = 1, 5


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reporter's answers for one resolution. "Not fixed" needs a `reason`, which only routing stores."""

    fixed: bool
    voice: int | None = None
    respect: int | None = None
    neutrality: int | None = None
    motives: int | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if not self.fixed and self.reason is None:
            raise ValueError("feedback that says not fixed needs a reason")


def event_count(feedback: Feedback) -> int:
    """Return the number of events that `feedback_events` makes."""
    return 1 if feedback.fixed else 3


def feedback_events(
    feedback: Feedback, resolution: int, concern: Concern, steps: Sequence[Step], first: int, now: datetime
) -> list[Event[Any]]:
    """Return the events of a feedback. `first` is the sequence of the first event; `steps` are in order.

    The public events carry no reason. The objection carries it to routing.
    """
    context = _context(concern, [step for step in steps if step.sequence <= resolution]) | {"resolution": resolution}
    ratings = asdict(feedback)
    reason = ratings.pop("reason")
    given = new_event(FeedbackGiven(**context, **ratings, given_at=now), sequence=first, time=now)
    if feedback.fixed:
        return [given]
    request = ReopenRequested(**context, requested_at=now)
    objection = ObjectionGiven(concern_id=concern.id, resolution=resolution, reason=reason, given_at=now)
    return [
        given,
        new_event(request, sequence=first + 1, time=now, cause=given),
        new_event(objection, sequence=first + 2, time=now, cause=given),
    ]


def withdrawal_event(concern: Concern, steps: Sequence[Step], sequence: int, now: datetime) -> Event[ConcernWithdrawn]:
    """Return the event of a withdrawal; `steps` are in order."""
    return new_event(ConcernWithdrawn(**_context(concern, steps), withdrawn_at=now), sequence=sequence, time=now)


def _context(concern: Concern, steps: Sequence[Step]) -> dict[str, Any]:
    team_step = current_team_step(steps)
    return {
        "concern_id": concern.id,
        "category": concern.category,
        "area": latest_area(steps),
        "team": team_step.team if team_step else None,
        "channel": concern.channel,
    }
