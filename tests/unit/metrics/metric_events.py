"""Public events for tests, about concern c1 unless said otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import (
    ConcernReceived,
    ConcernRouted,
    ConcernUnroutable,
    NotificationDelivered,
    NotificationFailed,
)

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


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


def delivered(concern: str = "c1", **values: Any) -> Event[NotificationDelivered]:
    given = {"delivered_at": after(4), "uncertain": False, **_notice(1)}
    return _event(NotificationDelivered(concern_id=concern, **(given | values)), 1)


def failed(concern: str = "c1", **values: Any) -> Event[NotificationFailed]:
    given = {"failed_at": after(9), "reason": "refused", **_notice(8)}
    return _event(NotificationFailed(concern_id=concern, **(given | values)), 1)


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
