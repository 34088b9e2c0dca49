"""The messages that routing publishes about a case. Public events tell facts and times, never an officer's text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from concord_city import City
from concord_contracts import messages as m
from concord_routing.domain.case import RESOLVED, TRIAGE, WAITING, Case
from concord_routing.domain.command_spec import Command
from concord_routing.domain.deadline_checks import DuePromise, SilentCase, UnansweredCase
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.promise import Promise

MAX_TEAM_NAME = 200
"""Characters of a team's name that an event can hold."""


AnyCase = Case | DuePromise | SilentCase | UnansweredCase
AnyPromise = Promise | DuePromise


def _about(case: AnyCase) -> dict[str, Any]:
    names = ("concern_id", "case_id", "category", "area", "team", "channel")
    return {name: getattr(case, name) for name in names}


def team_name(city: City, team: str) -> str:
    """Return a team's name in the city's first language, cut to MAX_TEAM_NAME characters."""
    return city.teams[team].name(city.languages[0])[:MAX_TEAM_NAME]


def opening_event(case: Case, city: City) -> m.ConcernRouted | m.ConcernUnroutable:
    """Return the event of a new case: routed to a team, or left to a person."""
    if case.area is None or case.team is None or case.acknowledge_by is None or case.respond_by is None:
        return m.ConcernUnroutable(
            concern_id=case.concern_id,
            case_id=case.case_id,
            category=case.category,
            channel=case.channel,
            reason=case.reason or "no_rule",
            received_at=case.received_at,
            decided_at=case.decided_at,
        )
    return m.ConcernRouted(
        **_about(case),
        team_name=team_name(city, case.team),
        border=case.border,
        received_at=case.received_at,
        routed_at=case.decided_at,
        acknowledge_by=case.acknowledge_by,
        respond_by=case.respond_by,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A case before and after a command, for the details of its event."""

    before: Case
    after: Case
    command: Any
    city: City


DETAILS: Mapping[type[Any], Callable[[Change], dict[str, Any]]] = {
    m.ConcernUpdated: lambda change: {"waiting": getattr(change.command, "waiting_for_resident", False)},
    m.ConcernReassigned: lambda change: {
        "team_name": team_name(change.city, change.command.team),
        "from_team": change.before.team,
        "acknowledge_by": change.after.acknowledge_by,
        "respond_by": change.after.respond_by,
    },
    m.ConcernReopened: lambda change: {
        "initiator": change.command.initiator,
        "acknowledge_by": change.after.acknowledge_by,
        "respond_by": change.after.respond_by,
    },
    m.ConcernAnswered: lambda change: {
        "answered_at": change.command.given_at,
        "was_waiting": change.before.state == WAITING,
    },
    m.ConcernClosed: lambda change: {"after": RESOLVED if change.before.state == TRIAGE else change.before.state},
}
"""The fields of an event beyond the case and the time, by its class."""


def command_event(before: Case, after: Case, command: Command, city: City, now: datetime) -> Any:
    """Return the data of the event about a command at `now`; None if another service publishes it."""
    spec = command.spec
    if spec.event is None:
        return None
    details = DETAILS[spec.event](Change(before, after, command, city)) if spec.event in DETAILS else {}
    return spec.event(**_about(after), received_at=after.received_at, **({spec.event_time: now} | details))


def officer_messages(
    case: Case, command: Command, entry: HistoryEntry, cause_id: str, cause_sequence: int, now: datetime
) -> Iterator[m.WordGiven | m.WordRecorded]:
    """Return an officer's text to the resident, for notification and for intake; nothing for a command without one.

    `cause_id` and `cause_sequence` are those of the public event about the command.
    """
    words = entry.message or entry.reason
    if command.spec.officer_message is None or words is None:
        return
    for message in (m.WordGiven, m.WordRecorded):
        yield message(
            concern_id=case.concern_id,
            case_id=case.case_id,
            word=command.spec.officer_message,
            cause_id=cause_id,
            cause_sequence=cause_sequence,
            words=words,
            where_to_go=entry.where_to_go,
            partner=entry.referred_to,
            due_at=case.respond_by if command.spec.event is m.ConcernReopened else entry.due_at,
            given_at=now,
        )


def _promise(case: AnyCase, promise: AnyPromise) -> dict[str, Any]:
    fields = {"promise_id": promise.promise_id, "promise": promise.kind, "due_at": promise.due_at}
    return _about(case) | fields


def promises_made(case: AnyCase, promises: Sequence[Promise]) -> m.PromiseMade:
    """Return one event for the promises of one decision, at least one, with one origin and one time."""
    first = promises[0]
    promised = tuple(
        m.Promised(promise_id=promise.promise_id, promise=promise.kind, due_at=promise.due_at) for promise in promises
    )
    return m.PromiseMade(**_about(case), origin=first.origin, made_at=first.made_at, promises=promised)


def promise_at_risk(case: AnyCase, promise: AnyPromise) -> m.PromiseAtRisk:
    return m.PromiseAtRisk(**_promise(case, promise), at_risk_at=promise.at_risk_at)


def promise_kept(case: AnyCase, promise: Promise) -> m.PromiseKept:
    return m.PromiseKept(**_promise(case, promise), kept_at=promise.done_at or promise.due_at)


def promise_missed(case: AnyCase, promise: AnyPromise) -> m.PromiseMissed:
    """Return the event of a missed promise. It is missed at its due time, however late the check runs."""
    return m.PromiseMissed(**_promise(case, promise), missed_at=promise.due_at)


def promise_renegotiated(case: AnyCase, promise: Promise, before: datetime, now: datetime) -> m.PromiseRenegotiated:
    return m.PromiseRenegotiated(**_promise(case, promise), renegotiated_at=now, due_before=before)


def fell_silent(case: SilentCase, days: int, now: datetime) -> m.ConcernFellSilent:
    """Return the event of a silence. It begins when the `days` have passed, however late the check runs."""
    return m.ConcernFellSilent(
        **_about(case),
        last_word_at=case.last_word_at,
        noticed_at=min(case.last_word_at + timedelta(days=days), now),
        days=days,
    )


def went_unanswered(case: UnansweredCase, days: int, now: datetime) -> m.ConcernUnanswered:
    """Return the event of a question without an answer. It is so when the `days` have passed, as with silence."""
    return m.ConcernUnanswered(
        **_about(case),
        received_at=case.received_at,
        asked_at=case.asked_at,
        days=days,
        noticed_at=min(case.asked_at + timedelta(days=days), now),
    )
