"""Reading an event: raw keys first, nothing made up, what is unknown kept."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from client_samples import body, envelope

from concord_client import BadMessage, ContractsMissing
from concord_client import typed_messages as typed_module
from concord_client.event import TEXTS, read_event
from concord_contracts.messages import ConcernResolved, ConcernRouted, Promised, PromiseMade


def test_an_event_is_read() -> None:
    event = read_event(body("e7", "c9", time="2026-03-02T13:00:04.25+01:00"))
    assert (event.id, event.type, event.concern_id, event.sequence) == ("e7", "concern.routed.v1", "c9", 1)
    assert event.time == datetime(2026, 3, 2, 12, 0, 4, 250000, tzinfo=UTC)
    assert event.data["area"] == "B2"


@pytest.mark.parametrize("key", [*TEXTS, "data"])
def test_what_is_missing_is_never_made_up(key: str) -> None:
    with pytest.raises(BadMessage, match=f"missing {key}"):
        read_event(body(**{key: None}))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": NaN}', "not JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "not a JSON object"),
        (body(id=""), "id must be"),
        (body(id=7), "id must be"),
        (body(id="x" * 257), "id must be"),
        (body(id="line\nbreak"), "id must be"),
        (body(id="\ud800"), "id must be"),
        (body(specversion="0.3"), "specversion"),
        (body(sequence="-1"), "sequence"),
        (body(sequence="9" * 19), "sequence"),
        (body(time="2026-03-02T12:00:04"), "offset"),
        (body(time="0001-01-01T00:00:00+12:00"), "time"),
        (body(time="yesterday"), "time"),
        (body(data="sealed"), "data"),
    ],
)
def test_a_bad_message_is_told_with_its_reason_and_without_its_values(broken: bytes, reason: str) -> None:
    with pytest.raises(BadMessage, match=reason) as raised:
        read_event(broken)
    assert "yesterday" not in str(raised.value)


def test_unknown_types_and_fields_are_kept() -> None:
    odd = envelope(type="concern.sung.v3", shade="blue")
    odd["data"]["tune"] = {"key": "c"}
    event = read_event(json.dumps(odd).encode())
    assert event.message is None
    assert event.data["tune"] == {"key": "c"}
    assert event.raw["shade"] == "blue"


def test_the_message_is_typed_when_the_contracts_are_installed() -> None:
    extended = envelope()
    extended["data"]["tune"] = "new in a later version"
    event = read_event(json.dumps(extended).encode())
    routed = event.of(ConcernRouted)
    assert routed is not None
    assert routed.received_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert event.of(ConcernResolved) is None


def test_a_typed_message_with_a_list_is_frozen_all_through() -> None:
    example = Path(__file__).parents[2] / "contract/examples/promise.made.v1.json"
    made = read_event(example.read_bytes()).of(PromiseMade)
    assert made is not None
    assert [(type(each), each.promise) for each in made.promises] == [
        (Promised, "acknowledgement"),
        (Promised, "response"),
    ]
    assert hash(made) == hash(replace(made))


def test_data_that_breaks_the_contract_is_a_bad_message_only_for_those_who_ask() -> None:
    event = read_event(body(data={"concern_id": "c1"}))
    assert event.data == {"concern_id": "c1"}
    with pytest.raises(BadMessage, match="area"):
        _ = event.message


def test_without_the_contracts_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "concord_contracts"]:
        monkeypatch.setitem(sys.modules, name, None)
    typed_module._reader.cache_clear()
    event = read_event(body())
    assert event.data["team"] == "district-B2"
    with pytest.raises(ContractsMissing, match=r"concord-client\[typed\]"):
        _ = event.message


def test_a_key_twice_is_refused() -> None:
    with pytest.raises(BadMessage, match="a key twice"):
        read_event(b'{"specversion":"1.0","data":{"a":1,"a":2}}')
