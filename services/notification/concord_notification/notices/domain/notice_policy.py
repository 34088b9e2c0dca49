"""The rules for notices: given all stored data of a concern, which notices are due.

The order of arrival does not matter. A later event can make a notice wrong; then nobody gets it. A notice that stays
true goes out even when more has happened since.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from concord_notification.notices.domain.concern import Concern, Decision, Kind, newer

MISSED = "missed"
"""The kind of a missed promise. The team's supervisor gets a notice of it, never the reporter."""

SUPERVISOR = "supervisor"
"""The recipient of a notice to a supervisor, in place of the contact's event id."""

STALE = timedelta(days=7)
"""The age from which a missed promise has no notice, counted from its due time."""

NEEDS_MESSAGE: frozenset[Kind] = frozenset(("update", "renegotiated", "referred", "resolved", "declined"))
"""Kinds whose notice quotes the officer message. The notice waits until the message arrives."""

FIRST_KINDS: frozenset[Kind] = frozenset(("routed", "unroutable"))
"""The kinds of a concern's first decision: a team has it, or a person looks for a team."""

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
"""For each kind, the later kinds that make its notice wrong: its team, time or outcome has changed since.

Kinds that are absent here have no notice to the reporter. Nothing supersedes an update: its text was true at the time
of writing."""


def is_stale(decision: Decision, now: datetime) -> bool:
    """Return whether it is too late for a notice to the supervisor about this missed promise."""
    return decision.kind == MISSED and decision.due_at is not None and decision.due_at < now - STALE


def notices_for(concern: Concern) -> Iterator[tuple[str, Decision]]:
    """Yield the recipient and the decision of each notice that is due or was due.

    The recipient is the event id of the contact, or SUPERVISOR. Among the decisions from before the reporter left a
    contact, only the first has a notice.
    """
    for decision in concern.decisions:
        if decision.past and decision.kind not in FIRST_KINDS:
            continue
        if decision.kind == MISSED:
            if not _ended_before_import(decision, concern):
                yield SUPERVISOR, decision
        elif concern.contact and not concern.withdrawn and _has_notice(decision, concern):
            yield concern.contact.event_id, decision


def _ended_before_import(missed: Decision, concern: Concern) -> bool:
    """Return whether the city had dealt with the concern, too late, before Concord received it."""
    return any(later.past and later.kind in _ENDED and newer(later, missed) for later in concern.decisions)


def _has_notice(decision: Decision, concern: Concern) -> bool:
    if decision.kind not in OVERTAKEN_BY or (decision.kind in NEEDS_MESSAGE and decision.words is None):
        return False
    kinds = OVERTAKEN_BY[decision.kind]
    later_decisions = (later for later in concern.decisions if later.kind in kinds and newer(later, decision))
    return all(decision.past and later.past and later.kind not in FIRST_KINDS for later in later_decisions)
