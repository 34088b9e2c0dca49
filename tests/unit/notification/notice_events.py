"""The events that notification takes, as a test wants them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import (
    ConcernAcknowledged,
    ConcernAnswered,
    ConcernClosed,
    ConcernDeclined,
    ConcernReassigned,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernRouted,
    ConcernUnanswered,
    ConcernUnroutable,
    ConcernUpdated,
    ConcernWithdrawn,
    ContactGiven,
    PromiseAtRisk,
    PromiseMissed,
    PromiseRenegotiated,
    WordGiven,
)

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def contact_of(concern: str, *, sequence: int = 3, language: str = "en", **details: str | None) -> Event[ContactGiven]:
    """A contact with an e-mail address, unless `details` say otherwise."""
    given = {"name": "Ana", "email": f"{concern}@example.org", "phone": None} | details
    data = ContactGiven(concern_id=concern, language=language, given_at=START, **given)
    return new_event(data, sequence=sequence, time=START)


def routed(concern: str, *, sequence: int = 1, team: str = "d4") -> Event[ConcernRouted]:
    data = ConcernRouted(
        concern_id=concern,
        case_id=f"case-{concern}",
        category="noise",
        area="D4",
        team=team,
        team_name="Name in the event",
        channel="web",
        border=False,
        received_at=START,
        routed_at=START,
        acknowledge_by=START + timedelta(days=1),
        respond_by=START + timedelta(days=5),
    )
    return new_event(data, sequence=sequence, time=START)


def unroutable(concern: str, *, sequence: int = 1) -> Event[ConcernUnroutable]:
    data = ConcernUnroutable(
        concern_id=concern,
        case_id=f"case-{concern}",
        category="noise",
        channel="web",
        reason="outside",
        received_at=START,
        decided_at=START,
    )
    return new_event(data, sequence=sequence, time=START)


WORKED: dict[str, Any] = {
    "acknowledged": ConcernAcknowledged,
    "updated": ConcernUpdated,
    "reassigned": ConcernReassigned,
    "referred": ConcernReferred,
    "resolved": ConcernResolved,
    "declined": ConcernDeclined,
    "reopened": ConcernReopened,
    "closed": ConcernClosed,
    "answered": ConcernAnswered,
}
BESIDES: dict[str, dict[str, Any]] = {
    "updated": {"waiting": False},
    "reassigned": {"team_name": "Works", "from_team": "d4", "acknowledge_by": None, "respond_by": None},
    "reopened": {
        "initiator": "resident",
        "acknowledge_by": START + timedelta(days=2),
        "respond_by": START + timedelta(days=6),
    },
    "closed": {"after": "resolved"},
    "answered": {"was_waiting": True},
}
WORD_OF = {
    ConcernUpdated: "update",
    PromiseRenegotiated: "renegotiate",
    ConcernReferred: "refer",
    ConcernResolved: "resolve",
    ConcernDeclined: "decline",
    ConcernReopened: "reopen",
}


def worked(what: str, concern: str, sequence: int, *, recorded: datetime | None = None, **values: Any) -> Event[Any]:
    """Routing's event `concern.<what>.v1` of that sequence, that many minutes after START."""
    at = START + timedelta(minutes=sequence)
    given = {
        "concern_id": concern,
        "case_id": f"case-{concern}",
        "category": "noise",
        "area": "D4",
        "team": "d4",
        "channel": "web",
        "received_at": START,
        f"{what}_at": at,
    }
    data = WORKED[what](**(given | BESIDES.get(what, {}) | values))
    return new_event(data, sequence=sequence, time=at, recorded=recorded)


def _about_promise(concern: str, promise: str, team: str) -> dict[str, Any]:
    return {
        "concern_id": concern,
        "case_id": f"case-{concern}",
        "promise_id": f"promise-{concern}",
        "promise": promise,
        "category": "noise",
        "area": "D4",
        "team": team,
        "channel": "web",
    }


def renegotiated(concern: str, sequence: int, *, promise: str = "response") -> Event[PromiseRenegotiated]:
    """Ten days after START instead of five."""
    at = START + timedelta(minutes=sequence)
    data = PromiseRenegotiated(
        **_about_promise(concern, promise, "d4"),
        renegotiated_at=at,
        due_before=START + timedelta(days=5),
        due_at=START + timedelta(days=10),
    )
    return new_event(data, sequence=sequence, time=at)


def missed(concern: str, sequence: int, *, promise: str = "acknowledgement", team: str = "d4") -> Event[PromiseMissed]:
    at = START + timedelta(minutes=sequence)
    data = PromiseMissed(**_about_promise(concern, promise, team), missed_at=at, due_at=START)
    return new_event(data, sequence=sequence, time=at)


def at_risk(
    concern: str, sequence: int, *, promise: str = "response", team: str = "d4", **values: Any
) -> Event[PromiseAtRisk]:
    """Due five days after START, noticed by a timer a little later than it says."""
    at = START + timedelta(minutes=sequence)
    about = _about_promise(concern, promise, team) | {"due_at": START + timedelta(days=5)} | values
    data = PromiseAtRisk(**about, at_risk_at=at)
    return new_event(data, sequence=sequence, time=at, recorded=at + timedelta(seconds=2))


def unanswered(concern: str, sequence: int, *, team: str | None = "d4") -> Event[ConcernUnanswered]:
    """Asked at START, noticed by a timer."""
    at = START + timedelta(minutes=sequence)
    data = ConcernUnanswered(
        concern_id=concern,
        case_id=f"case-{concern}",
        category="noise",
        area="D4",
        team=team,
        channel="web",
        received_at=START,
        asked_at=START,
        days=5,
        noticed_at=at,
    )
    return new_event(data, sequence=sequence, time=at, recorded=at + timedelta(seconds=2))


def word_about(cause: Event[Any], words: str = "We went to look.", **besides: Any) -> Event[WordGiven]:
    """The officer's words that belong to a public event. Routing counts them as an event of its own."""
    given = {"where_to_go": None, "partner": None, "due_at": None} | besides
    data = WordGiven(
        concern_id=cause.partitionkey,
        case_id=cause.data.case_id,
        word=WORD_OF[type(cause.data)],
        cause_id=cause.id,
        cause_sequence=cause.sequence,
        words=words,
        given_at=cause.time,
        **given,
    )
    return new_event(data, sequence=cause.sequence + 1, time=cause.time, cause=cause)


def withdrawn(concern: str, *, sequence: int = 4) -> Event[ConcernWithdrawn]:
    at = START + timedelta(hours=1)
    data = ConcernWithdrawn(concern_id=concern, category="noise", area="D4", team="d4", channel="web", withdrawn_at=at)
    return new_event(data, sequence=sequence, time=at)
