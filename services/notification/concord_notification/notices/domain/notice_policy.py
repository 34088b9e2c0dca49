"""Which notices a concern asks for, given all that is known of it. The order of arrival is no matter.

What a later event has made wrong is not told any more; what stays true is told even when more has happened since.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from concord_notification.notices.domain.concern import Concern, Decision, Kind, newer

NOTICES: Mapping[Kind, str] = {
    "routed": "acknowledgement",
    "unroutable": "acknowledgement",
    "acknowledged": "acknowledged",
    "update": "update",
    "renegotiated": "renegotiated",
    "reassigned": "reassigned",
    "referred": "referred",
    "resolved": "resolved",
    "declined": "declined",
    "reopened": "reopened",
}
"""The name of the reporter's notice for each kind of decision; of the others the reporter gets none."""

MISSED = "missed"
"""A promise was not kept: the team's supervisor is told, never the reporter."""

SUPERVISOR = "supervisor"
"""Stands where a notice to a reporter has the id of the contact."""

STALE = timedelta(days=7)
"""A promise that was due longer ago is history when it comes to be known: no supervisor is told now."""

WORDED: frozenset[Kind] = frozenset(("update", "renegotiated", "referred", "resolved", "declined"))
"""Told in the officer's words only: such a notice waits until they are there."""

TAKEN_UP: frozenset[Kind] = frozenset(("routed", "unroutable"))
"""How each concern begins: with a team, or with a person who is to find one."""

_ENDED: frozenset[Kind] = frozenset(("referred", "resolved", "declined", "closed"))
_TURNED: frozenset[Kind] = _ENDED | {"reassigned", "reopened"}

OVERTAKEN_BY: Mapping[Kind, frozenset[Kind]] = {
    "routed": _TURNED | {"routed", "unroutable", "renegotiated"},
    "unroutable": _TURNED | {"routed", "unroutable", "acknowledged", "update", "renegotiated"},
    "acknowledged": _TURNED,
    "update": frozenset(),
    "renegotiated": _ENDED | {"renegotiated", "reopened"},
    "reassigned": _ENDED | {"reassigned", "reopened"},
    "referred": frozenset(("reassigned", "reopened")),
    "resolved": frozenset(("resolved", "reopened")),
    "declined": frozenset(("declined", "reopened")),
    "reopened": _ENDED | {"reopened"},
}
"""Later decisions that make a notice wrong: a team, a time or an outcome it would tell is no longer so.

An update is never wrong: its words were true when they were written, and they are the reporter's."""


def history(decision: Decision, now: datetime) -> bool:
    """Whether it is too late to tell a supervisor of this missed promise."""
    return decision.kind == MISSED and decision.due_at is not None and decision.due_at < now - STALE


def told(concern: Concern) -> Iterator[tuple[str, Decision]]:
    """For each notice that should go out or have gone out: to whom (the contact's id), and the decision it tells of.

    Of what happened before the reporter left a contact only the beginning is told: that we have the concern.
    """
    for each in concern.decisions:
        if each.past and each.kind not in TAKEN_UP:
            continue
        if each.kind == MISSED:
            if not _over_long_since(each, concern):
                yield SUPERVISOR, each
        elif concern.contact and not concern.withdrawn and _to_be_told(each, concern):
            yield concern.contact.event_id, each


def _over_long_since(missed: Decision, concern: Concern) -> bool:
    """Whether the city had dealt with it, too late, before we had the concern."""
    return any(each.past and each.kind in _ENDED and newer(each, missed) for each in concern.decisions)


def _to_be_told(decision: Decision, concern: Concern) -> bool:
    if decision.kind not in NOTICES or (decision.kind in WORDED and decision.words is None):
        return False
    wrong = OVERTAKEN_BY[decision.kind]
    later = (each for each in concern.decisions if each.kind in wrong and newer(each, decision))
    return all(decision.past and each.past and each.kind not in TAKEN_UP for each in later)
