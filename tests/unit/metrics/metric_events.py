"""Public events for tests, about concern c1 unless said otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import (
    ConcernAcknowledged,
    ConcernAnswered,
    ConcernClosed,
    ConcernDeclined,
    ConcernFellSilent,
    ConcernReassigned,
    ConcernReceived,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernRouted,
    ConcernUnanswered,
    ConcernUnroutable,
    ConcernUpdated,
    ConcernWithdrawn,
    FeedbackGiven,
    FeedbackUndecided,
    NotificationDelivered,
    NotificationFailed,
    PromiseAtRisk,
    Promised,
    PromiseKept,
    PromiseMade,
    PromiseMissed,
    PromiseRenegotiated,
    ReopenRequested,
)

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


DUE = after(3600)


def received(concern: str = "c1", **values: Any) -> Event[ConcernReceived]:
    given = {"category": "noise", "channel": "web", "received_at": AT, "occurred_at": None, "place": "none"}
    return _event(ConcernReceived(concern_id=concern, point=None, **(given | values)), 1)


def routed(concern: str = "c1", sequence: int = 1, **values: Any) -> Event[ConcernRouted]:
    given = {
        "case_id": f"case-{concern}",
        "category": "noise",
        "area": "B2",
        "team": "b2",
        "team_name": "District B2",
        "channel": "web",
        "border": False,
        "received_at": AT,
        "routed_at": after(2),
        "acknowledge_by": after(3600),
        "respond_by": after(86400),
    }
    return _event(ConcernRouted(concern_id=concern, **(given | values)), sequence)


def unroutable(concern: str = "c1", sequence: int = 1, **values: Any) -> Event[ConcernUnroutable]:
    given = {
        "case_id": f"case-{concern}",
        "category": "noise",
        "channel": "web",
        "reason": "outside",
        "received_at": AT,
        "decided_at": after(3),
    }
    return _event(ConcernUnroutable(concern_id=concern, **(given | values)), sequence)


def acknowledged(concern: str = "c1", sequence: int = 2, **values: Any) -> Event[ConcernAcknowledged]:
    return _of_case(ConcernAcknowledged, concern, sequence, {"acknowledged_at": after(60)} | values)


def updated(concern: str = "c1", sequence: int = 3, **values: Any) -> Event[ConcernUpdated]:
    return _of_case(ConcernUpdated, concern, sequence, {"updated_at": after(120), "waiting": False} | values)


def reassigned(concern: str = "c1", sequence: int = 2, **values: Any) -> Event[ConcernReassigned]:
    given = {"team_name": "District C6", "from_team": "b2", "reassigned_at": after(30), **_promises()}
    return _of_case(ConcernReassigned, concern, sequence, given | {"area": "C6", "team": "c6"} | values)


def referred(concern: str = "c1", sequence: int = 3, **values: Any) -> Event[ConcernReferred]:
    return _of_case(ConcernReferred, concern, sequence, {"referred_at": after(240)} | values)


def resolved(concern: str = "c1", sequence: int = 4, **values: Any) -> Event[ConcernResolved]:
    return _of_case(ConcernResolved, concern, sequence, {"resolved_at": after(7200)} | values)


def declined(concern: str = "c1", sequence: int = 4, **values: Any) -> Event[ConcernDeclined]:
    return _of_case(ConcernDeclined, concern, sequence, {"declined_at": after(300)} | values)


def reopened(concern: str = "c1", sequence: int = 5, **values: Any) -> Event[ConcernReopened]:
    given = {"initiator": "resident", "reopened_at": after(9000), **_promises()}
    return _of_case(ConcernReopened, concern, sequence, given | values)


def closed(concern: str = "c1", sequence: int = 6, **values: Any) -> Event[ConcernClosed]:
    return _of_case(ConcernClosed, concern, sequence, {"closed_at": after(90000), "after": "resolved"} | values)


def made(promise_id: str = "p1", sequence: int = 2, concern: str = "c1", **values: Any) -> Event[PromiseMade]:
    """One promise, made alone; `values` are its own."""
    return made_together(promised(promise_id, **values), sequence=sequence, concern=concern)


def made_together(*promises: Promised, sequence: int = 2, concern: str = "c1") -> Event[PromiseMade]:
    given = {"case_id": f"case-{concern}", "origin": "rules", "made_at": after(2), "promises": promises}
    return _event(PromiseMade(concern_id=concern, **(_place() | given)), sequence)


def promised(promise_id: str = "p1", promise: str = "acknowledgement", due_at: datetime = DUE) -> Promised:
    return Promised(promise_id=promise_id, promise=promise, due_at=due_at)


def at_risk(promise_id: str = "p1", sequence: int = 3, concern: str = "c1", **values: Any) -> Event[PromiseAtRisk]:
    return _of_promise(PromiseAtRisk, promise_id, concern, sequence, {"at_risk_at": after(3000)} | values)


def kept(promise_id: str = "p1", sequence: int = 4, concern: str = "c1", **values: Any) -> Event[PromiseKept]:
    return _of_promise(PromiseKept, promise_id, concern, sequence, {"kept_at": after(3400)} | values)


def missed(promise_id: str = "p1", sequence: int = 4, concern: str = "c1", **values: Any) -> Event[PromiseMissed]:
    return _of_promise(PromiseMissed, promise_id, concern, sequence, {"missed_at": after(3600)} | values)


def renegotiated(
    promise_id: str = "p1", sequence: int = 4, concern: str = "c1", **values: Any
) -> Event[PromiseRenegotiated]:
    given = {"renegotiated_at": after(3200), "due_before": after(3600), "due_at": after(7200)}
    return _of_promise(PromiseRenegotiated, promise_id, concern, sequence, given | values)


def fell_silent(concern: str = "c1", sequence: int = 5, **values: Any) -> Event[ConcernFellSilent]:
    given = {"case_id": f"case-{concern}", "last_word_at": AT, "noticed_at": after(400_000), "days": 4}
    return _event(ConcernFellSilent(concern_id=concern, **(_place() | given | values)), sequence)


def answered(concern: str = "c1", sequence: int = 5, **values: Any) -> Event[ConcernAnswered]:
    given = {"case_id": f"case-{concern}", "received_at": AT, "answered_at": after(7000), "was_waiting": True}
    return _event(ConcernAnswered(concern_id=concern, **(_place() | given | values)), sequence)


def unanswered(concern: str = "c1", sequence: int = 6, **values: Any) -> Event[ConcernUnanswered]:
    given = {"case_id": f"case-{concern}", "received_at": AT, "asked_at": AT, "days": 5, "noticed_at": after(432_000)}
    return _event(ConcernUnanswered(concern_id=concern, **(_place() | given | values)), sequence)


def undecided(concern: str = "c1", sequence: int = 7, **values: Any) -> Event[FeedbackUndecided]:
    given = {"resolution": 4, "given_at": after(8000)}
    return _event(FeedbackUndecided(concern_id=concern, **(_place() | given | values)), sequence)


def withdrawn(concern: str = "c1", sequence: int = 2, **values: Any) -> Event[ConcernWithdrawn]:
    return _event(ConcernWithdrawn(concern_id=concern, **(_place() | {"withdrawn_at": after(500)} | values)), sequence)


def feedback(concern: str = "c1", sequence: int = 3, **values: Any) -> Event[FeedbackGiven]:
    ratings = {"fixed": True, "voice": 5, "respect": 5, "neutrality": 4, "motives": 4}
    given = {"resolution": 4, "given_at": after(8000), **ratings}
    return _event(FeedbackGiven(concern_id=concern, **(_place() | given | values)), sequence)


def objected(concern: str = "c1", sequence: int = 4, **values: Any) -> Event[ReopenRequested]:
    given = {"resolution": 4, "requested_at": after(8100)}
    return _event(ReopenRequested(concern_id=concern, **(_place() | given | values)), sequence)


def worked_story(concern: str, number: int) -> list[Event[Any]]:
    """What a team does about a concern that was routed: six stories in turn, the last an idle one."""
    told: list[Event[Any]] = [] if number % 2 else [acknowledged(concern)]
    match number % 6:
        case 0:
            return [*told, updated(concern), resolved(concern), closed(concern, 5)]
        case 1:
            return [*told, reassigned(concern), resolved(concern, 3), reopened(concern, 4), reopened(concern, 6)]
        case 2:
            return [*told, resolved(concern), reopened(concern), resolved(concern, 7), closed(concern, 8)]
        case 3:
            return [*told, declined(concern), closed(concern, 5, after="declined")]
        case 4:
            return [*told, referred(concern)]
        case _:
            return told


def delivered(concern: str = "c1", **values: Any) -> Event[NotificationDelivered]:
    given = {"delivered_at": after(4), "uncertain": False, **_notice(1)}
    return _event(NotificationDelivered(concern_id=concern, **(given | values)), 1)


def failed(concern: str = "c1", **values: Any) -> Event[NotificationFailed]:
    given = {"failed_at": after(9), "reason": "refused", **_notice(8)}
    return _event(NotificationFailed(concern_id=concern, **(given | values)), 1)


def _of_case(data: type[Any], concern: str, sequence: int, values: dict[str, Any]) -> Event[Any]:
    """What the events of a worked case have in common, unless said otherwise."""
    given = {
        "case_id": f"case-{concern}",
        "category": "noise",
        "area": "B2",
        "team": "b2",
        "channel": "web",
        "received_at": AT,
    }
    return _event(data(concern_id=concern, **(given | values)), sequence)


def _of_promise(data: type[Any], promise_id: str, concern: str, sequence: int, values: dict[str, Any]) -> Event[Any]:
    given = {"case_id": f"case-{concern}", "promise_id": promise_id, "promise": "acknowledgement"}
    return _event(data(concern_id=concern, **(_place() | given | {"due_at": DUE} | values)), sequence)


def _place() -> dict[str, Any]:
    return {"category": "noise", "area": "B2", "team": "b2", "channel": "web"}


def _promises() -> dict[str, Any]:
    return {"acknowledge_by": after(10_000), "respond_by": after(100_000)}


def _notice(attempts: int) -> dict[str, Any]:
    return {
        "notice": "acknowledgement",
        "medium": "email",
        "language": "en",
        "cause_id": "event-1",
        "due_at": after(2),
        "attempts": attempts,
    }


def _event(data: Any, sequence: int) -> Event[Any]:
    return new_event(data, sequence=sequence, time=AT)
