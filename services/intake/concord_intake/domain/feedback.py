"""A reporter's feedback on a resolution and their withdrawal of a concern, with the events that publish them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from concord_contracts import Event, new_event
from concord_contracts.messages import (
    ConcernWithdrawn,
    FeedbackGiven,
    FeedbackUndecided,
    ObjectionGiven,
    ReopenRequested,
)
from concord_intake.domain.concern import Concern
from concord_intake.domain.timeline import Step, current_team_step, latest_area

RATINGS = ("voice", "respect", "neutrality", "motives")
"""Ratings of the city's treatment, each from 1 (not at all) to 5 (fully) or None."""
MIN_RATING, MAX_RATING = 1, 5


Extent = Literal["fixed", "partly", "not_fixed", "cannot_tell"]
EXTENTS: tuple[Extent, ...] = get_args(Extent)
REOPENING: frozenset[Extent] = frozenset(("partly", "not_fixed"))
"""The extents that need a reason and open the concern again."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reporter's answers for one resolution. "Not fixed" needs a `reason`, which only routing stores.

    `extent` is None for a reporter who was asked for yes or no. A reporter who cannot tell gives no ratings: the
    event of that answer has none.
    """

    fixed: bool
    voice: int | None = None
    respect: int | None = None
    neutrality: int | None = None
    motives: int | None = None
    reason: str | None = None
    extent: Extent | None = None

    def __post_init__(self) -> None:
        if self.reopens and self.reason is None:
            raise ValueError("feedback that says not fixed needs a reason")

    @property
    def reopens(self) -> bool:
        """Return whether the city opens the concern again."""
        return not self.fixed if self.extent is None else self.extent in REOPENING


def feedback_of(extent: Extent, reason: str | None = None, **ratings: int | None) -> Feedback:
    """Return the feedback of a reporter who was asked for the extent. Raises ValueError without a needed reason."""
    if extent == "cannot_tell":
        return Feedback(fixed=False, extent=extent)
    return Feedback(fixed=extent == "fixed", reason=reason if extent in REOPENING else None, extent=extent, **ratings)


def event_count(feedback: Feedback) -> int:
    """Return the number of events that `feedback_events` makes."""
    return 3 if feedback.reopens else 1


def feedback_events(
    feedback: Feedback, resolution: int, concern: Concern, steps: Sequence[Step], first: int, now: datetime
) -> list[Event[Any]]:
    """Return the events of a feedback. `first` is the sequence of the first event; `steps` are in order.

    The public events carry no reason. The objection carries it to routing.
    """
    context = _context(concern, [step for step in steps if step.sequence <= resolution]) | {"resolution": resolution}
    if feedback.extent == "cannot_tell":
        return [new_event(FeedbackUndecided(**context, given_at=now), sequence=first, time=now)]
    ratings = asdict(feedback)
    reason = ratings.pop("reason")
    given = new_event(FeedbackGiven(**context, **ratings, given_at=now), sequence=first, time=now)
    if not feedback.reopens:
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
