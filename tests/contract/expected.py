"""The golden examples as Python values: what `examples/<type>.json` must be read as, and written from.

All of it is invented: nobody lives behind `@example.org`, 617-555-01xx is reserved for fiction.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from concord_contracts import CATALOGUE, Event, type_of
from concord_contracts import messages as m

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CONCERN = "example-concern-0001"
CASE = "example-case-0001"
CORRELATION = "example-correlation-0001"
ABOUT: dict[str, Any] = {
    "concern_id": CONCERN,
    "case_id": CASE,
    "category": "example-noise",
    "area": "example-area-1",
    "team": "example-team-1",
    "channel": "web",
    "received_at": NOON,
}
"""What every event of a case that a team has begins with."""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _event(
    number: int, data: Any, sequence: int, cause: int | None = None, traceparent: str | None = None
) -> Event[Any]:
    kind = type_of(data)
    return Event(
        id=f"example-event-{number:04d}",
        type=kind.name,
        source=kind.source,
        time=NOON + timedelta(seconds=number, milliseconds=250),
        partitionkey=CONCERN,
        sequence=sequence,
        correlationid=CORRELATION,
        causationid=None if cause is None else f"example-event-{cause:04d}",
        traceparent=traceparent,
        data=data,
    )


EXPECTED: dict[str, Event[Any]] = {
    each.type: each
    for each in (
        _event(
            1,
            m.ConcernReceived(
                concern_id=CONCERN,
                category="example-noise",
                channel="web",
                received_at=NOON,
                occurred_at=NOON - timedelta(hours=13, minutes=30),
                place="point",
                point=m.GridPoint(lon=-71.06, lat=42.358),
            ),
            sequence=1,
            traceparent=TRACE,
        ),
        _event(
            2,
            m.ConcernSubmitted(
                concern_id=CONCERN,
                category="example-noise",
                channel="web",
                description="Example: loud music every night at the corner, until two.\nSecond line — ñ, 中, 🙂",
                language="en",
                received_at=NOON,
                occurred_at=NOON - timedelta(hours=13, minutes=30),
                point=m.ExactPoint(lon=-71.059888, lat=42.358431),
                address=None,
            ),
            sequence=2,
            cause=1,
            traceparent=TRACE,
        ),
        _event(
            3,
            m.ContactGiven(
                concern_id=CONCERN,
                name="Example Reporter",
                email="reporter@example.org",
                phone="+16175550142",
                language="es",
                given_at=NOON,
            ),
            sequence=3,
            cause=1,
        ),
        _event(
            4,
            m.ConcernRouted(
                concern_id=CONCERN,
                case_id=CASE,
                category="example-noise",
                area="example-area-1",
                team="example-team-1",
                team_name="Example neighbourhood team",
                channel="web",
                border=True,
                received_at=NOON,
                routed_at=NOON + timedelta(seconds=4),
                acknowledge_by=NOON + timedelta(hours=4),
                respond_by=NOON + timedelta(days=2),
            ),
            sequence=1,
            cause=2,
        ),
        _event(
            5,
            m.ConcernUnroutable(
                concern_id=CONCERN,
                case_id=CASE,
                category="example-noise",
                channel="phone",
                reason="no_location",
                received_at=NOON,
                decided_at=NOON + timedelta(seconds=5),
            ),
            sequence=1,
            cause=2,
        ),
        _event(
            6,
            m.NotificationDelivered(
                concern_id=CONCERN,
                notice="acknowledgement",
                medium="email",
                language="es",
                cause_id="example-event-0004",
                due_at=NOON + timedelta(seconds=4),
                delivered_at=NOON + timedelta(seconds=6, milliseconds=125),
                attempts=2,
                uncertain=False,
            ),
            sequence=1,
            cause=4,
        ),
        _event(
            7,
            m.NotificationFailed(
                concern_id=CONCERN,
                notice="acknowledgement",
                medium="email",
                language="en",
                cause_id="example-event-0004",
                due_at=NOON + timedelta(seconds=4),
                failed_at=NOON + timedelta(seconds=7),
                attempts=1,
                reason="refused",
            ),
            sequence=1,
            cause=4,
        ),
        _event(8, m.ConcernAcknowledged(**ABOUT, acknowledged_at=NOON + timedelta(seconds=8)), sequence=2),
        _event(9, m.ConcernUpdated(**ABOUT, updated_at=NOON + timedelta(seconds=9), waiting=True), sequence=3),
        _event(
            10,
            m.ConcernReassigned(
                **ABOUT | {"area": None},
                team_name="Example neighbourhood team",
                from_team=None,
                reassigned_at=NOON + timedelta(seconds=10),
                acknowledge_by=NOON + timedelta(hours=4),
                respond_by=None,
            ),
            sequence=4,
        ),
        _event(11, m.ConcernReferred(**ABOUT, referred_at=NOON + timedelta(seconds=11)), sequence=5),
        _event(12, m.ConcernResolved(**ABOUT, resolved_at=NOON + timedelta(seconds=12)), sequence=6),
        _event(13, m.ConcernDeclined(**ABOUT | {"team": None}, declined_at=NOON + timedelta(seconds=13)), sequence=7),
        _event(
            14,
            m.ConcernReopened(
                **ABOUT,
                initiator="resident",
                reopened_at=NOON + timedelta(seconds=14),
                acknowledge_by=NOON + timedelta(days=1),
                respond_by=NOON + timedelta(days=3),
            ),
            sequence=8,
        ),
        _event(15, m.ConcernClosed(**ABOUT, closed_at=NOON + timedelta(seconds=15), after="resolved"), sequence=9),
    )
}

PUBLIC = sorted(name for name, kind in CATALOGUE.items() if kind.public)
PRIVATE = sorted(name for name, kind in CATALOGUE.items() if not kind.public)
