"""The envelope's raw keys are checked before anything is filled in."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from concord_contracts import BadMessage, Event, UnwritableMessage, new_event
from concord_contracts import messages as m
from concord_contracts.codec import REQUIRED
from concord_contracts.serialization import payload, write_json

from .samples import AT, CODEC

CONTACT = m.ContactGiven(
    concern_id="c-1", name=None, email="reporter@example.org", phone=None, language="en", given_at=AT
)
DECIDED = m.ConcernUnroutable(
    concern_id="c-1",
    case_id="case-1",
    category="noise",
    channel="web",
    reason="outside",
    received_at=AT,
    decided_at=AT,
)


def event() -> Event[m.ConcernUnroutable]:
    return new_event(DECIDED, sequence=1, time=AT)


def raw() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(CODEC.encode(event()).body)
    return written


def decode(changed: dict[str, Any]) -> Event[Any]:
    return CODEC.decode(json.dumps(changed).encode())


@pytest.mark.parametrize("key", REQUIRED)
def test_a_missing_key_is_named(key: str) -> None:
    changed = raw()
    del changed[key]
    with pytest.raises(BadMessage, match=rf"missing {key}$"):
        decode(changed)


def test_all_missing_keys_are_named_at_once() -> None:
    with pytest.raises(BadMessage) as caught:
        CODEC.decode(b"{}")
    for key in REQUIRED:
        assert key in caught.value.reason


@pytest.mark.parametrize("key", [key for key in REQUIRED if key != "data"])
@pytest.mark.parametrize("value", [None, "", 5, [], {}, "x" * 257, "a\nb", "a\x00b", True], ids=repr)
def test_an_unusable_attribute_is_named(key: str, value: Any) -> None:
    with pytest.raises(BadMessage, match=key):
        decode(raw() | {key: value})


@pytest.mark.parametrize("key", ["causationid", "traceparent"])
def test_optional_attributes_may_be_absent_or_null_but_not_odd(key: str) -> None:
    assert getattr(decode(raw() | {key: None}), key) is None
    assert getattr(decode(raw() | {key: "given"}), key) == "given"
    with pytest.raises(BadMessage, match=key):
        decode(raw() | {key: 5})


@pytest.mark.parametrize("value", ["0", "0000000000", "-1", "+1", "1.0", "1e3", "x", "٣", "1" * 19, " 1"])
def test_a_sequence_is_decimal_digits_from_one(value: str) -> None:
    with pytest.raises(BadMessage, match="sequence"):
        decode(raw() | {"sequence": value})


@pytest.mark.parametrize(
    "value", ["2026-03-02T12:00:00", "2026-03-02", "noon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_time_has_an_offset_and_exists_in_utc(value: str) -> None:
    with pytest.raises(BadMessage, match="time"):
        decode(raw() | {"time": value})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"type": "concern.routed.v99"}, "unknown type"),
        ({"type": "concern.received.v1"}, "source is not the owner"),
        ({"source": "/concord/metrics"}, "source is not the owner"),
        ({"partitionkey": "another"}, "partitionkey"),
        ({"data": None}, "data"),
        ({"data": []}, "data"),
        ({"data": "text"}, "data"),
    ],
)
def test_what_is_not_ours_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadMessage, match=reason):
        decode(raw() | change)


def test_unknown_attributes_and_fields_are_passed_over() -> None:
    changed = raw() | {"mood": "calm", "extension9": 5, "knownto": None}
    changed["data"] |= {"weather": {"deep": [1, 2]}, "": None}
    assert decode(changed).data == DECIDED


def test_unknown_fields_of_a_nested_point_are_passed_over_by_either_path() -> None:
    point = m.GridPoint(lon=-71.06, lat=42.358)
    received = m.ConcernReceived(
        concern_id="c-1", category="noise", channel="web", received_at=AT, occurred_at=None, place="point", point=point
    )
    changed = json.loads(CODEC.encode(new_event(received, sequence=1, time=AT)).body)
    changed["data"]["point"]["altitude"] = 12.5
    assert decode(changed).data == received
    changed["data"]["received_at"] = AT.isoformat()  # no `Z`: marshmallow decides
    assert decode(changed).data == received


@pytest.mark.parametrize("field", ["case_id", "category", "channel", "reason", "received_at", "decided_at"])
def test_a_missing_field_is_named(field: str) -> None:
    changed = raw()
    del changed["data"][field]
    with pytest.raises(BadMessage, match=f"{field}: Missing"):
        decode(changed)


def test_a_reason_never_quotes_the_message() -> None:
    changed = raw()
    changed["data"]["reason"] = changed["data"]["channel"] = "reporter@example.org"
    changed["data"]["received_at"] = "617-555-0142"
    with pytest.raises(BadMessage) as caught:
        decode(changed)
    assert "example.org" not in caught.value.reason
    assert "555" not in caught.value.reason


@pytest.mark.parametrize("id_", ["", "x" * 257, "a\nb", None])
def test_a_writer_refuses_ids_that_no_reader_takes(id_: Any) -> None:
    with pytest.raises(UnwritableMessage):
        CODEC.encode(replace(event(), id=id_))


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 0},
        {"sequence": 10**18},
        {"time": AT.replace(tzinfo=None)},
        {"type": "concern.routed.v1"},
        {"source": "/concord/intake"},
        {"partitionkey": "another"},
        {"correlationid": ""},
        {"causationid": "a\nb"},
        {"traceparent": "x" * 257},
    ],
    ids=repr,
)
def test_a_writer_refuses_an_envelope_that_no_reader_takes(change: dict[str, Any]) -> None:
    with pytest.raises(UnwritableMessage):
        CODEC.encode(replace(event(), **change))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"category": ""}, "category"),
        ({"category": "x" * 65}, "category"),
        ({"category": "\ud800"}, "UTF-8"),
        ({"category": None}, "category"),
        ({"category": 5}, "category"),
        ({"category": b"noise"}, "JSON"),
        ({"received_at": AT.replace(tzinfo=None)}, "received_at"),
        ({"received_at": "2026-03-02T12:00:00"}, "received_at"),
        ({"received_at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-1)))}, "received_at"),
    ],
    ids=repr,
)
def test_a_writer_refuses_data_that_breaks_the_schema(change: dict[str, Any], field: str) -> None:
    with pytest.raises(UnwritableMessage, match=field):
        CODEC.encode(replace(event(), data=replace(DECIDED, **change)))


def test_a_writer_refuses_fields_the_contract_does_not_name() -> None:
    written = orjson.loads(write_json(payload(m.ConcernUnroutable).write(DECIDED)))
    payload(m.ConcernUnroutable).validate(written)
    with pytest.raises(UnwritableMessage, match="weather"):
        payload(m.ConcernUnroutable).validate(written | {"weather": "fine"})


def test_a_class_outside_the_catalogue_has_no_type() -> None:
    with pytest.raises(KeyError):
        new_event(m.ExactPoint(lon=1.0, lat=2.0), sequence=1, time=AT)


def test_a_new_event_takes_its_envelope_from_the_catalogue_and_its_cause() -> None:
    first = event()
    second = new_event(DECIDED, sequence=2, time=AT, cause=replace(first, traceparent="trace"))
    assert (first.type, first.source, first.partitionkey) == ("concern.unroutable.v1", "/concord/routing", "c-1")
    assert first.correlationid == first.id
    assert first.causationid is None
    assert (second.correlationid, second.causationid, second.traceparent) == (first.id, first.id, "trace")
    assert second.id != first.id
    assert new_event(DECIDED, sequence=1, time=AT, correlationid="act").correlationid == "act"
