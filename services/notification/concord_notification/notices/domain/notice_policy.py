"""The rules for notices: given all stored data of a concern, which notices are due.

The order of arrival does not matter. A later event can make a notice wrong; then nobody gets it. A notice that stays
true goes out even when more has happened since.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from concord_contracts.messages.promises import PROMISES
from concord_notification.notices.domain.concern import Concern, Decision, Kind, newer

MISSED: Kind = "missed"
"""The kind of a missed promise. The team's supervisor gets a notice of it, never the reporter."""

SUPERVISOR = "supervisor"
"""The recipient of a notice to a supervisor, in place of the contact's event id."""

STALE = timedelta(days=7)
"""The age from which a missed promise has no notice, counted from its due time."""

AT_RISK: Kind = "at_risk"
"""The kind of a promise that is due soon. Its notice has no sense once the promise is due."""

NOTICED: frozenset[Kind] = frozenset((MISSED, AT_RISK, "unanswered"))
"""Kinds that a timer notices, so that their events are recorded a little after the fact. This makes no past of them."""

PROMISED_TO_REPORTER = ("response", "agreed")
"""The kinds of promises whose reporter hears that they are at risk. An acknowledgement has too short a time for it."""

NEEDS_MESSAGE: frozenset[Kind] = frozenset(("update", "renegotiated", "referred", "resolved", "declined"))
"""Kinds whose notice quotes the officer message. The notice waits until the message arrives."""

FIRST_KINDS: frozenset[Kind] = frozenset(("routed", "unroutable"))
"""The kinds of a concern's first decision: a team has it, or a person looks for a team."""

ENDED: frozenset[Kind] = frozenset(("referred", "resolved", "declined", "closed"))
"""The kinds that end the work of the city's teams."""
TURNED: frozenset[Kind] = ENDED | {"reassigned", "reopened"}

OVERTAKEN_BY: Mapping[Kind, frozenset[Kind]] = {
    "routed": TURNED | {"routed", "unroutable", "renegotiated"},
    "unroutable": TURNED | {"routed", "unroutable", "acknowledged", "update", "renegotiated"},
    "acknowledged": TURNED,
    "update": frozenset(),
    "renegotiated": ENDED | {"renegotiated", "reopened"},
    "reassigned": ENDED | {"reassigned", "reopened"},
    "referred": frozenset(("reassigned", "reopened")),
    "resolved": frozenset(("resolved", "reopened")),
    "declined": frozenset(("declined", "reopened")),
    "reopened": ENDED | {"reopened"},
    AT_RISK: ENDED | {"reopened", "acknowledged", "update", "renegotiated", MISSED, AT_RISK},
    "unanswered": ENDED | {"reopened", "answered", "update", "unanswered"},
}
"""For each kind, the later kinds that make its notice wrong: its team, time or outcome has changed since.

Kinds that are absent here have no notice to the reporter. Nothing supersedes an update: its text was true at the time
of writing. For a promise at risk, `ends_promise` says which of them are about this promise."""

_SAME_PROMISE: frozenset[Kind] = frozenset(("renegotiated", MISSED, AT_RISK))
"""Kinds about one promise. They end the risk of that promise alone."""
_DONE_BY: Mapping[Kind, tuple[str, ...]] = {
    "acknowledged": ("acknowledgement",),
    "update": ("acknowledgement", "agreed"),
}
"""The kinds of promises that an officer's word keeps, or may keep: an update does not say whether it keeps one."""


def is_stale(decision: Decision, now: datetime) -> bool:
    """Return whether it is too late for a notice about this promise: long missed, or no longer at risk but due."""
    if decision.due_at is None or decision.kind not in (MISSED, AT_RISK):
        return False
    return decision.due_at < (now if decision.kind == AT_RISK else now - STALE)


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
    return any(later.past and later.kind in ENDED and newer(later, missed) for later in concern.decisions)


def _has_notice(decision: Decision, concern: Concern) -> bool:
    if decision.kind not in OVERTAKEN_BY or (decision.kind in NEEDS_MESSAGE and decision.words is None):
        return False
    if decision.kind == AT_RISK and not _is_promised_to_reporter(decision, concern):
        return False
    later_decisions = (later for later in concern.decisions if _overtakes(later, decision))
    return all(decision.past and later.past and later.kind not in FIRST_KINDS for later in later_decisions)


def _overtakes(later: Decision, decision: Decision) -> bool:
    kinds = OVERTAKEN_BY[decision.kind]
    if later.kind not in kinds or not newer(later, decision):
        return False
    return decision.kind != AT_RISK or ends_promise(later, decision)


def ends_promise(later: Decision, at_risk: Decision) -> bool:
    """Return whether a later decision keeps, moves, misses or replaces the promise, or may do so."""
    if later.kind in _SAME_PROMISE:
        return later.promise_id == at_risk.promise_id
    return at_risk.promise in _DONE_BY.get(later.kind, PROMISES)


def _is_promised_to_reporter(at_risk: Decision, concern: Concern) -> bool:
    """Return whether the reporter knows of the promise: not of the city's own target for an imported concern."""
    return at_risk.promise in PROMISED_TO_REPORTER and not is_of_import(at_risk, concern)


def is_of_import(at_risk: Decision, concern: Concern) -> bool:
    """Return whether the promise is from before the import. A case that was opened again since has new promises."""
    if at_risk.promise == "agreed":
        return False
    imported = any(first.past for first in concern.decisions if first.kind in FIRST_KINDS)
    renewed = any(each.kind == "reopened" and not each.past and newer(at_risk, each) for each in concern.decisions)
    return imported and not renewed
