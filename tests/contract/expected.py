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
OF_CASE: dict[str, Any] = {name: value for name, value in ABOUT.items() if name != "received_at"}
PROMISE: dict[str, Any] = {
    **OF_CASE,
    "promise_id": "example-promise-0001",
    "promise": "acknowledgement",
}
OF_RESIDENT: dict[str, Any] = {name: value for name, value in ABOUT.items() if name not in ("case_id", "received_at")}
WORDS: dict[str, Any] = {
    "concern_id": CONCERN,
    "case_id": CASE,
    "word": "decline",
    "cause_id": "example-event-0013",
    "cause_sequence": 7,
    "words": "Example: loud music indoors is for the landlord.\nSecond line — ñ, 中, 🙂",
    "where_to_go": "Example housing advice, 617-555-0150",
    "partner": None,
    "due_at": None,
    "given_at": NOON + timedelta(seconds=13),
}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _event(
    number: int,
    data: Any,
    sequence: int,
    cause: int | None = None,
    traceparent: str | None = None,
    recorded: datetime | None = None,
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
        recorded=recorded,
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
        _event(
            16,
            m.PromiseMade(
                **OF_CASE,
                origin="rules",
                made_at=NOON + timedelta(seconds=4),
                promises=(
                    m.Promised(
                        promise_id="example-promise-0001", promise="acknowledgement", due_at=NOON + timedelta(hours=4)
                    ),
                    m.Promised(promise_id="example-promise-0002", promise="response", due_at=NOON + timedelta(days=2)),
                ),
            ),
            sequence=10,
        ),
        _event(
            17,
            m.PromiseAtRisk(**PROMISE, at_risk_at=NOON + timedelta(hours=3), due_at=NOON + timedelta(hours=4)),
            sequence=11,
        ),
        _event(
            18,
            m.PromiseKept(**PROMISE, kept_at=NOON + timedelta(seconds=18), due_at=NOON + timedelta(hours=4)),
            sequence=12,
        ),
        _event(
            19,
            m.PromiseMissed(**PROMISE, missed_at=NOON + timedelta(hours=4), due_at=NOON + timedelta(hours=4)),
            sequence=13,
        ),
        _event(
            20,
            m.PromiseRenegotiated(
                **PROMISE | {"promise": "response"},
                renegotiated_at=NOON + timedelta(seconds=20),
                due_before=NOON + timedelta(days=2),
                due_at=NOON + timedelta(days=4),
            ),
            sequence=14,
        ),
        _event(
            21,
            m.ConcernFellSilent(
                **OF_CASE,
                last_word_at=NOON,
                noticed_at=NOON + timedelta(days=14),
                days=14,
            ),
            sequence=15,
        ),
        _event(22, m.WordGiven(**WORDS), sequence=16, cause=13),
        _event(23, m.WordRecorded(**WORDS), sequence=17, cause=13),
        _event(
            24,
            m.FeedbackGiven(
                **OF_RESIDENT,
                resolution=6,
                fixed=False,
                voice=4,
                respect=5,
                neutrality=None,
                motives=3,
                given_at=NOON + timedelta(seconds=24),
            ),
            sequence=4,
        ),
        _event(
            25,
            m.ReopenRequested(**OF_RESIDENT, resolution=6, requested_at=NOON + timedelta(seconds=25)),
            sequence=5,
            recorded=NOON + timedelta(days=1),
        ),
        _event(
            26,
            m.ObjectionGiven(
                concern_id=CONCERN,
                resolution=6,
                reason="Example: the music was back on Friday.\nSecond line — ñ",
                given_at=NOON + timedelta(seconds=25),
            ),
            sequence=6,
            cause=25,
        ),
        _event(27, m.ConcernWithdrawn(**OF_RESIDENT, withdrawn_at=NOON + timedelta(seconds=27)), sequence=7),
        _event(
            28,
            m.HistoryUpdated(
                concern_id=CONCERN,
                promised_by=datetime(2026, 3, 6, 17, tzinfo=UTC),
                closed_at=datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
                updated_at=NOON + timedelta(seconds=28),
            ),
            sequence=8,
        ),
        _event(
            29,
            m.AnswerGiven(
                concern_id=CONCERN,
                words="Example: it is the flat on the second floor.\nSecond line — ñ",
                given_at=NOON + timedelta(seconds=29),
            ),
            sequence=9,
        ),
        _event(
            30,
            m.ConcernAnswered(**ABOUT, answered_at=NOON + timedelta(seconds=29), was_waiting=True),
            sequence=9,
            cause=29,
        ),
        _event(
            31,
            m.ConcernUnanswered(**ABOUT, asked_at=NOON, days=5, noticed_at=NOON + timedelta(days=5)),
            sequence=10,
        ),
        _event(
            32,
            m.FeedbackUndecided(**OF_RESIDENT, resolution=6, given_at=NOON + timedelta(seconds=32)),
            sequence=10,
        ),
        _event(
            33,
            m.ContactRecorded(
                concern_id=CONCERN,
                name="Example Reporter",
                email="reporter@example.org",
                phone="+16175550142",
                language="es",
                given_at=NOON,
            ),
            sequence=4,
            cause=1,
        ),
        _event(
            34,
            m.AccessRecorded(concern_id=CONCERN, part="contact", accessed_at=NOON + timedelta(seconds=34)),
            sequence=11,
        ),
    )
}

PUBLIC = sorted(name for name, kind in CATALOGUE.items() if kind.public)
PRIVATE = sorted(name for name, kind in CATALOGUE.items() if not kind.public)
