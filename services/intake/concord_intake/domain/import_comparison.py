"""The comparison of an import line that comes again with the concern that its first coming created.

A line tells the content of a concern, and its history: when the city received it, its target and its closing. The
history may move on. The content may not, because the city has acted on it. The contact and the language say how to
reach the reporter; notification has them, so they do not count here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from concord_intake.domain.concern import Concern, ImportedHistory, Submission
from concord_intake.domain.import_source import ImportedLine


@dataclass(frozen=True, slots=True)
class Same:
    """The line tells nothing new."""


@dataclass(frozen=True, slots=True)
class Updated:
    """Only the history moved on: closed, reopened, closed again later, or with another target."""

    history: ImportedHistory


@dataclass(frozen=True, slots=True)
class Differs:
    """The line contradicts what is stored in these `fields`, which have the names of the request's."""

    fields: tuple[str, ...]


Comparison = Same | Updated | Differs
SAME = Same()


def compare(stored: ImportedLine, concern: Concern, incoming: Submission) -> Comparison:
    """Return what the line that comes again changes. A line without a history says nothing about the history.

    The history of a line without a fingerprint is unknown: a target or a closing time in it counts as new.
    """
    differing = tuple(_differing_content(concern, incoming))
    history = incoming.history
    if history is None:
        return Differs(differing) if differing else SAME
    if stored.fingerprint is None:
        differing += () if concern.received_at == history.reported_at else ("reported_at",)
        moved = history.promised_by is not None or history.closed_at is not None
    else:
        differing += tuple(_differing_history(stored, history))
        moved = (history.promised_by, history.closed_at) != (stored.promised_by, stored.closed_at)
    if differing:
        return Differs(differing)
    return Updated(history) if moved else SAME


def content_of(submission: Submission) -> bytes:
    """Return all that counts in a comparison, for a fingerprint. Different contents give different bytes."""
    history = submission.history
    times = (history.reported_at, history.promised_by, history.closed_at) if history else None
    content = (submission.category, submission.description, submission.point, submission.address)
    return orjson.dumps((*content, submission.occurred_at, submission.channel, times))


def _differing_content(concern: Concern, incoming: Submission) -> Iterator[str]:
    for name in ("category", "description"):
        if getattr(concern, name) != getattr(incoming, name):
            yield name
    if (concern.lon, concern.lat) != (incoming.point or (None, None)):
        yield "point"
    for name in ("address", "occurred_at", "channel"):
        if getattr(concern, name) != getattr(incoming, name):
            yield name


def _differing_history(stored: ImportedLine, history: ImportedHistory) -> Iterator[str]:
    """A concern is not taken in earlier, a target is not taken back, and a case is not closed earlier than it was."""
    if history.reported_at != stored.reported_at:
        yield "reported_at"
    if stored.promised_by is not None and history.promised_by is None:
        yield "promised_by"
    if _is_before(history.closed_at, stored.closed_at):
        yield "closed_at"


def _is_before(time: datetime | None, other: datetime | None) -> bool:
    return time is not None and other is not None and time < other
