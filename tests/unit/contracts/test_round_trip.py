"""Whatever is valid survives the wire unchanged; whatever is not is a BadMessage and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord_contracts import CATALOGUE, BadMessage, Event

from .samples import CODEC, EVENTS, JSON, ODD_VALUES


@given(EVENTS)
def test_any_valid_event_comes_back_as_it_was(event: Event[Any]) -> None:
    encoded = CODEC.encode(event)
    assert CODEC.decode(encoded.body) == event
    assert len(encoded.routing_key.encode()) <= 255, "AMQP's limit of a routing key"
    assert encoded.routing_key.count(".") == event.type.count(".") + 2


@given(EVENTS)
def test_times_are_read_as_utc(event: Event[Any]) -> None:
    assert str(CODEC.decode(CODEC.encode(event).body).time.tzinfo) == "UTC"


def read_or_refused(body: bytes) -> Event[Any] | None:
    """Whatever else is raised fails the test."""
    try:
        return CODEC.decode(body)
    except BadMessage:
        return None


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text().map(str.encode) | JSON.map(lambda each: json.dumps(each).encode()))
def test_arbitrary_bytes_are_a_bad_message(body: bytes) -> None:
    with pytest.raises(BadMessage):
        CODEC.decode(body)


@given(EVENTS, st.data())
def test_a_damaged_event_is_read_or_is_a_bad_message(event: Event[Any], draw: st.DataObject) -> None:
    raw = json.loads(CODEC.encode(event).body)
    name = draw.draw(st.sampled_from(sorted(raw)))
    raw[name] = draw.draw(ODD_VALUES | st.sampled_from(sorted(CATALOGUE)))
    read = read_or_refused(json.dumps(raw).encode())
    if read:
        assert read.type in CATALOGUE
        assert read.id


@given(EVENTS, st.data())
def test_a_cut_or_flipped_body_is_read_or_is_a_bad_message(event: Event[Any], draw: st.DataObject) -> None:
    body = bytearray(CODEC.encode(event).body)
    at = draw.draw(st.integers(0, len(body) - 1))
    if draw.draw(st.booleans()):
        body[at] ^= draw.draw(st.integers(1, 255))
    else:
        del body[at:]
    read_or_refused(bytes(body))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"text"', b"{}", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"{" * 100_000, b"[" * 100_000,
        b'{"id": "\\ud800"}', b'{"id": NaN}', b"1e999", b"-", "{\u0000}".encode("utf-16"),
    ],
    ids=repr,
)  # fmt: skip
def test_known_traps_are_bad_messages(body: bytes) -> None:
    with pytest.raises(BadMessage):
        CODEC.decode(body)
