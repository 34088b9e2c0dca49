"""What a reporter says of a resolution, or that they take their concern back; and what the others are told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernWithdrawn, FeedbackGiven, ObjectionGiven, ReopenRequested
from concord_intake.domain.concern import Concern
from concord_intake.domain.timeline import Step, area_of, holder

RATINGS = ("voice", "respect", "neutrality", "motives")
"""How it was handled: each from 1 (not at all) to 5 (fully), or not said."""
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Reply:
    """`reason` is said when it is not fixed, and kept by nobody but routing."""

    fixed: bool
    voice: int | None = None
    respect: int | None = None
    neutrality: int | None = None
    motives: int | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if not self.fixed and self.reason is None:
            raise ValueError("who says that it is not fixed says why")


def events_of(reply: Reply) -> int:
    """How many events tell of it."""
    return 1 if reply.fixed else 3


def tell_reply(
    reply: Reply, resolution: int, concern: Concern, steps: Sequence[Step], first: int, now: datetime
) -> list[Event[Any]]:
    """The events of a reply; `first` is the sequence of the first, `steps` are in order.

    That it is not fixed everybody is told; why, routing alone.
    """
    until = [each for each in steps if each.sequence <= resolution]
    about = _about(concern, until) | {"resolution": resolution}
    ratings = {name: getattr(reply, name) for name in RATINGS}
    given = FeedbackGiven(**about, fixed=reply.fixed, **ratings, given_at=now)
    feedback = new_event(given, sequence=first, time=now)
    if reply.reason is None or reply.fixed:
        return [feedback]
    asked = ReopenRequested(**about, requested_at=now)
    objection = ObjectionGiven(concern_id=concern.id, resolution=resolution, reason=reply.reason, given_at=now)
    return [
        feedback,
        new_event(asked, sequence=first + 1, time=now, cause=feedback),
        new_event(objection, sequence=first + 2, time=now, cause=feedback),
    ]


def tell_withdrawal(concern: Concern, steps: Sequence[Step], sequence: int, now: datetime) -> Event[ConcernWithdrawn]:
    """The reporter has taken it back; `steps` are in order."""
    return new_event(ConcernWithdrawn(**_about(concern, steps), withdrawn_at=now), sequence=sequence, time=now)


def _about(concern: Concern, steps: Sequence[Step]) -> dict[str, Any]:
    chosen = holder(steps)
    return {
        "concern_id": concern.id,
        "category": concern.category,
        "area": area_of(steps),
        "team": chosen.team if chosen else None,
        "channel": concern.channel,
    }
