"""The events that notification takes, as a test wants them."""

from datetime import UTC, datetime, timedelta

from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernRouted, ConcernUnroutable, ContactGiven

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
