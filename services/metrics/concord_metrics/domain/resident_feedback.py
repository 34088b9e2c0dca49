"""Notices to the reporter of one concern and the reporter's answers, from events in any order, late or repeated."""

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from concord_contracts import Event
from concord_contracts.messages import ConcernFellSilent, ConcernWithdrawn, FeedbackGiven, ReopenRequested
from concord_metrics.domain.merge import earliest

OUTCOME_NOTICES = ("resolved", "declined", "referred")
SURVEY_NOTICE = "resolved"
"""The notice with the survey questions."""

HEARD_FROM = 4
"""A reporter with at least this mean of the ratings felt heard."""
TWELFTHS = 12
"""A mean of up to four whole ratings is a whole number of twelfths, so sums over means stay exact."""


class Answer(NamedTuple):
    """A reporter's answer about the resolution of this sequence; a rating is 1 to 5, or 0 if missing."""

    resolution: int
    fixed: bool
    voice: int
    respect: int
    neutrality: int
    motives: int

    @property
    def score(self) -> Fraction | None:
        """Mean of the ratings; None without any."""
        ratings = [rating for rating in (self.voice, self.respect, self.neutrality, self.motives) if rating]
        return Fraction(sum(ratings), len(ratings)) if ratings else None


class ResidentFeedback(NamedTuple):
    """Times are aware UTC and the first of their kind. `answers` holds one for each resolution, in their order.

    `informed_at` is the delivery of an outcome notice, `invited_at` that of the survey. `reachable` is true after any
    notice but the first, delivered or failed: the reporter left an address.
    """

    withdrawn_at: datetime | None = None
    silent_at: datetime | None = None
    objected_at: datetime | None = None
    informed_at: datetime | None = None
    invited_at: datetime | None = None
    reachable: bool = False
    answers: tuple[Answer, ...] = ()

    @property
    def answer(self) -> Answer | None:
        """The answer about the last resolution that has one."""
        return self.answers[-1] if self.answers else None


NO_FEEDBACK = ResidentFeedback()


def from_event(event: Event[Any]) -> ResidentFeedback:
    """The feedback that an event states. Raises KeyError for a class of data without any."""
    return FEEDBACK_OF[type(event.data)](event.data)


def from_notice(notice: str, delivered_at: datetime | None) -> ResidentFeedback:
    """The effect of a notice other than the first; `delivered_at` is None if its delivery failed."""
    informed_at = delivered_at if notice in OUTCOME_NOTICES else None
    invited_at = delivered_at if notice == SURVEY_NOTICE else None
    return ResidentFeedback(informed_at=informed_at, invited_at=invited_at, reachable=True)


def merge(one: ResidentFeedback, other: ResidentFeedback) -> ResidentFeedback:
    """Both together."""
    if one is NO_FEEDBACK or other is NO_FEEDBACK:
        return other if one is NO_FEEDBACK else one
    times = map(earliest, one[:-2], other[:-2])
    answers = _merge_answers(one.answers, other.answers)
    return ResidentFeedback._make((*times, one.reachable or other.reachable, answers))


def _merge_answers(one: tuple[Answer, ...], other: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """One answer for each resolution. Two different ones cannot come from intake; the higher prevails."""
    answers: dict[int, Answer] = {}
    for answer in (*one, *other):
        answers[answer.resolution] = max(answer, answers.get(answer.resolution, answer))
    return tuple(answers[resolution] for resolution in sorted(answers))


def _answered(data: FeedbackGiven) -> ResidentFeedback:
    ratings = (data.voice or 0, data.respect or 0, data.neutrality or 0, data.motives or 0)
    return ResidentFeedback(answers=(Answer(data.resolution, data.fixed, *ratings),))


FEEDBACK_OF: Mapping[type[Any], Callable[[Any], ResidentFeedback]] = {
    ConcernWithdrawn: lambda data: ResidentFeedback(withdrawn_at=data.withdrawn_at),
    ConcernFellSilent: lambda data: ResidentFeedback(silent_at=data.noticed_at),
    ReopenRequested: lambda data: ResidentFeedback(objected_at=data.requested_at),
    FeedbackGiven: _answered,
}
"""The feedback of each class of data."""
