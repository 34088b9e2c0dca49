"""Nothing is ever acknowledged and lost: what cannot be read is parked with reason, headers and body."""

import json
import struct
from collections.abc import Iterator
from dataclasses import replace

import orjson
from bus_broker import item, long_text, nested, raw_headers
from bus_messages import Message, changed, message, received, submitted
from bus_stage import Ledger, Stage
from bus_waiting import eventually

from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import new_key

MIB = 1024 * 1024


def unreadable(codec: Codec) -> Iterator[tuple[str, Message, str]]:
    """Name, message and a part of the reason it must be parked with."""
    good = message(codec, submitted("c-bad"))
    yield "invalid JSON", replace(good, body=b'{"specversion": "1.0", '), "invalid JSON"
    yield "empty", replace(good, body=b""), "invalid JSON"
    yield "no object", replace(good, body=b"[1, 2]"), "no JSON object"
    yield "deep JSON", replace(good, body=b"[" * 200_000), "invalid JSON"
    yield "not UTF-8", replace(good, body=b'{"id": "\xff\xfe"}'), "invalid JSON"
    yield "wrong content type", replace(good, body=good.body + b" ", content_type="text/plain"), "content type"
    yield "missing content type", replace(good, content_type=None), "content type"
    yield "missing id", changed(good, id=None), "missing id"
    yield "missing several", Message(b"{}"), "missing specversion, id, type"
    yield "number for an id", changed(good, id=5), "id must be a text"
    yield "NUL in the id", changed(good, id="a\0b"), "id must be a text"
    yield "NUL in the concern", changed(good, partitionkey="c\0d"), "partitionkey must be a text"
    yield "unknown type", changed(good, type="concern.exploded.v9"), "unknown type"
    yield "unhandled type", replace(good, body=codec.encode(received("c-bad")).body), "not handled by this service"
    yield "wrong source", changed(good, source="/concord/metrics"), "source is not the owner"
    yield "impossible time", changed(good, time="0001-01-01T00:00:00+14:00"), "time"
    yield "not encrypted", changed(good, data={"concern_id": "c-bad"}), "must be an encrypted text"
    yield "sealed for another", message(strangers_codec(), submitted("c-bad")), "cannot be decrypted"
    yield "breaks the schema", sealed(codec, good, {"concern_id": "c-bad"}), "data breaks the schema"
    early = {"received_at": "0001-01-01T00:00:00+14:00"}
    yield "impossible time in the data", sealed(codec, good, plain(codec, good) | early), "received_at"
    yield "16 MiB", replace(good, body=good.body + b" " * (16 * MIB - len(good.body))), "over the limit"


def strangers_codec() -> Codec:
    return Codec(Keyrings.from_env({"CONCORD_KEYS_ROUTING": new_key()}))


def plain(codec: Codec, good: Message) -> dict[str, object]:
    token = orjson.loads(good.body)["data"]
    opened: dict[str, object] = orjson.loads(codec._keyrings.open("routing", token))
    return opened


def sealed(codec: Codec, good: Message, data: dict[str, object]) -> Message:
    return changed(good, data=codec._keyrings.seal("routing", orjson.dumps(data)))


def hostile_headers(good: Message) -> Iterator[tuple[str, Message]]:
    """Headers that no reader of ours wants; the message behind them is good."""
    yield "number for a list", replace(good, headers={"nameko.call_id_stack": 5, "x-death": 7})
    yield "delivery count as text", replace(good, headers={"x-delivery-count": "many"})
    yield "huge", replace(good, headers={f"h{number}": "x" * 1000 for number in range(100)})
    yield "nested tables", replace(good, headers={"a": {"b": {"c": [{"d": None}]}}})
    yield "not UTF-8", replace(good, raw_properties=raw_headers(item(b"h", b"S", long_text(b"\xff\xfe"))))


def undecodable_headers(good: Message) -> Iterator[tuple[str, Message]]:
    """Headers that cannot even be decoded."""
    late = struct.pack(">Q", 2**63)
    yield "year 292 billion", replace(good, raw_properties=raw_headers(item(b"h", b"T", late)))
    yield "3,000 tables deep", replace(good, raw_properties=raw_headers(nested(3000)))
    name = raw_headers().replace(b"cloudevents", b"cloud\xff\xff\xff\xff\xff\xff")
    yield "content type not UTF-8", replace(good, raw_properties=name)


def test_unreadable_messages_are_parked_whole_and_the_good_ones_around_them_take_effect(
    stage: Stage, databases: str
) -> None:
    cases = list(unreadable(stage.codec))
    good = [submitted(f"c{number}") for number in range(2 * len(cases))]
    for number, (_, bad, _) in enumerate(cases):
        stage.publish(good[2 * number], bad, good[2 * number + 1])
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("parked"), len(cases))
    eventually(ledger.counter("effects"), len(good))
    by_body = {bytes(row.body): row for row in ledger.parked()}
    for name, bad, reason in cases:
        row = by_body[bad.body]
        assert reason in row.reason, name
        assert (row.queue, row.exchange, row.status) == ("routing.submitted", "concord.private", "parked"), name
        assert json.loads(row.properties).get("content_type") == bad.content_type, name
    assert sorted(ledger.effects()) == sorted(event.id for event in good)
    assert stage.left_over(probe) == 0


def test_no_header_can_stop_the_service_and_all_of_it_is_kept(stage: Stage, databases: str) -> None:
    codec = stage.codec
    hostile = list(hostile_headers(Message(b"not JSON")))
    harmless = [submitted(f"c{number}") for number in range(len(hostile))]
    readable = [
        replace(sent, body=codec.encode(event).body) for (_, sent), event in zip(hostile, harmless, strict=True)
    ]
    undecodable = list(undecodable_headers(message(codec, submitted("c-never"))))
    last = submitted("c-last")
    stage.publish(*(sent for _, sent in hostile), *readable, *(sent for _, sent in undecodable), last)
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("effects"), len(harmless) + 1)
    eventually(ledger.counter("parked"), len(hostile) + len(undecodable))
    assert sorted(ledger.effects()) == sorted(event.id for event in [*harmless, last])
    rows = ledger.parked()
    kept = [json.loads(row.headers) for row in rows]
    for name, sent in hostile:
        if sent.headers:
            assert sent.headers in kept, name
    assert {"h": {"hex": "fffe"}} in kept
    raw = [json.loads(row.properties).get("undecodable", {}).get("hex") for row in rows]
    for name, sent in undecodable:
        assert sent.raw_properties is not None
        assert sent.raw_properties.hex() in raw, name
    assert stage.left_over(probe) == 0


def test_a_routing_key_that_is_not_utf8_is_no_obstacle(stage: Stage, databases: str) -> None:
    codec = stage.codec
    events = [submitted("c1"), submitted("c2")]
    odd = replace(message(codec, events[0]), routing_key=b"concern.submitted.v1.\xff\xfe.noise")
    stage.publish(odd, replace(odd, body=b"not JSON"), events[1])
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.effects, [event.id for event in events])
    eventually(ledger.counter("parked"), 1)
    assert ledger.parked()[0].routing_key.startswith("concern.submitted.v1.")
    assert stage.left_over(probe) == 0


def test_a_parked_row_is_what_came_byte_for_byte(stage: Stage) -> None:
    every_byte = bytes(range(256)) * 40
    bad = Message(every_byte, headers={"trace": "abc", "n": 5, "deep": {"list": [1, True, None]}})
    stage.publish(bad)
    ledger = Ledger(stage.probe().start().database)
    eventually(ledger.counter("parked"), 1)
    row = ledger.parked()[0]
    assert bytes(row.body) == every_byte
    assert json.loads(row.headers) == bad.headers
    assert json.loads(row.properties) == {"content_type": bad.content_type, "delivery_mode": 2}
