"""A concern: its id, its times, and what the others are told of it."""

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from residents import NOW, submission

from concord_contracts.messages import ConcernReceived, ConcernSubmitted, ContactGiven, ExactPoint, GridPoint
from concord_intake.domain.concern import Contact, ImportedHistory, create_concern, is_in_future, new_concern_id
from concord_intake.domain.events import concern_events


def test_ids_are_uuids_of_version_seven_that_sort_by_time() -> None:
    ids = [new_concern_id(NOW + timedelta(milliseconds=number)) for number in range(50)]
    assert ids == sorted(ids)
    assert len({new_concern_id(NOW) for _ in range(1000)}) == 1000
    for each in ids:
        parsed = uuid.UUID(each)
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_a_clock_may_be_five_minutes_fast() -> None:
    assert not is_in_future(NOW + timedelta(minutes=5), NOW)
    assert is_in_future(NOW + timedelta(minutes=5, seconds=1), NOW)


def test_an_imported_concern_counts_as_received_when_it_was_reported() -> None:
    reported = NOW - timedelta(days=9)
    assert create_concern(submission(history=ImportedHistory(reported)), "c1", b"", NOW).received_at == reported
    assert create_concern(submission(), "c1", b"", NOW).received_at == NOW


def test_everybody_hears_that_it_came_in_and_only_routing_hears_the_words() -> None:
    words = submission()
    events = list(concern_events(words, create_concern(words, "c1", b"", NOW), NOW))
    received, submitted = events[0].data, events[1].data
    assert isinstance(received, ConcernReceived)
    assert isinstance(submitted, ConcernSubmitted)
    assert received.point == GridPoint(lon=-71.059, lat=42.36)
    assert submitted.point == ExactPoint(lon=-71.0589, lat=42.3601)
    assert not hasattr(received, "description")
    assert submitted.description == "Loud music at night"
    assert [event.sequence for event in events] == [1, 2]


def test_a_contact_goes_to_notification_and_to_routing_in_one_number_and_correlation() -> None:
    words = submission(contact=Contact("Ana", "ana@example.org", None, "es"))
    events = list(concern_events(words, create_concern(words, "c1", b"", NOW), NOW))
    assert [event.sequence for event in events] == [1, 2, 3, 3]
    assert asdict(events[3].data) == asdict(events[2].data)
    assert [event.type for event in events[2:]] == ["contact.given.v1", "contact.recorded.v1"]
    assert events[2].data == ContactGiven(
        concern_id="c1", name="Ana", email="ana@example.org", phone=None, language="es", given_at=NOW
    )
    assert {event.correlationid for event in events} == {events[0].id}
    assert [event.causationid for event in events] == [None, *[events[0].id] * 3]


def test_the_place_is_said_to_be_a_point_an_address_or_unknown() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"point": None, "address": "Pier 4"},
        {"point": None},
        {"address": "Pier 4"},
    )
    assert [submission(**change).place for change in changes] == ["point", "address", "none", "point"]
