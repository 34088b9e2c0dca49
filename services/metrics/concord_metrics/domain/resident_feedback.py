"""What the reporter of one concern was told and said, from events in any order, late or twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from concord_contracts import Event
from concord_contracts.messages import ConcernFellSilent, ConcernWithdrawn, FeedbackGiven, ReopenRequested
from concord_metrics.domain.merge import earliest

OUTCOMES = ("resolved", "declined", "referred")
"""The notices that tell the reporter how it ended."""
INVITING = "resolved"
"""The notice with the questions."""

HEARD_FROM = 4
"""From this mean of the ratings on, a reporter felt heard."""
TWELFTHS = 12
"""A mean of up to four whole ratings is a whole number of twelfths, so that sums over them stay exact."""


@dataclass(frozen=True, slots=True, order=True)
class Answer:
    """What the reporter answered about the resolution of this sequence; a rating is 1 to 5, 0 where none was given."""

    resolution: int
    fixed: bool
    voice: int
    respect: int
    neutrality: int
    motives: int

    @property
    def score(self) -> Fraction | None:
        """The mean of the ratings that were given; None without any."""
        given = [each for each in (self.voice, self.respect, self.neutrality, self.motives) if each]
        return Fraction(sum(given), len(given)) if given else None


@dataclass(frozen=True, slots=True)
class Voice:
    """Times are aware UTC and the first of their kind. `answers` hold one for each resolution, in their order.

    `reached` says that a notice other than the first was delivered or given up: there is somebody to write to.
    """

    withdrawn_at: datetime | None = None
    silent_at: datetime | None = None
    objected_at: datetime | None = None
    told_at: datetime | None = None
    invited_at: datetime | None = None
    reached: bool = False
    answers: tuple[Answer, ...] = ()

    @property
    def answer(self) -> Answer | None:
        """The one about the last resolution that was answered."""
        return self.answers[-1] if self.answers else None


UNHEARD = Voice()


def voiced(event: Event[Any]) -> Voice:
    """What this event tells. Raises KeyError for a class of data that tells nothing of it."""
    return _TOLD[type(event.data)](event.data)


def reached(notice: str, delivered_at: datetime | None) -> Voice:
    """What a notice tells that was delivered then, or given up (None)."""
    told = delivered_at if notice in OUTCOMES else None
    return Voice(told_at=told, invited_at=delivered_at if notice == INVITING else None, reached=True)


def joined(known: Voice, told: Voice) -> Voice:
    """Both tellings together."""
    if known is UNHEARD or told is UNHEARD:
        return told if known is UNHEARD else known
    return Voice(
        earliest(known.withdrawn_at, told.withdrawn_at),
        earliest(known.silent_at, told.silent_at),
        earliest(known.objected_at, told.objected_at),
        earliest(known.told_at, told.told_at),
        earliest(known.invited_at, told.invited_at),
        known.reached or told.reached,
        _answers(known.answers, told.answers),
    )


def _answers(known: tuple[Answer, ...], told: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """One for each resolution; of two, which no honest reporter gives, the higher."""
    found: dict[int, Answer] = {}
    for each in (*known, *told):
        found[each.resolution] = max(each, found.get(each.resolution, each))
    return tuple(found[each] for each in sorted(found))


def _answered(data: FeedbackGiven) -> Voice:
    ratings = (data.voice or 0, data.respect or 0, data.neutrality or 0, data.motives or 0)
    return Voice(answers=(Answer(data.resolution, data.fixed, *ratings),))


_TOLD: Mapping[type[Any], Callable[[Any], Voice]] = {
    ConcernWithdrawn: lambda data: Voice(withdrawn_at=data.withdrawn_at),
    ConcernFellSilent: lambda data: Voice(silent_at=data.noticed_at),
    ReopenRequested: lambda data: Voice(objected_at=data.requested_at),
    FeedbackGiven: _answered,
}

VOICED = tuple(_TOLD)
"""The classes of data that `voiced` takes in."""
