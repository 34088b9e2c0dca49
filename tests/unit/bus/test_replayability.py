"""Whether a replay can succeed is judged as the service would judge it, without the service's keys."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from tests.memory.bus import memory_codec

from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.domain.parked_messages import Replayability, assess_replay
from concord_contracts import new_event
from concord_contracts.messages import ConcernReceived, ConcernSubmitted

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
MAX_BYTES = 10_000


def public() -> Any:
    return ConcernReceived(
        concern_id="c1", category="noise", channel="web", received_at=NOW, occurred_at=None, place="none", point=None
    )


def private() -> Any:
    return ConcernSubmitted(
        concern_id="c2",
        category="noise",
        channel="web",
        description="Loud music",
        language="en",
        received_at=NOW,
        occurred_at=None,
        point=None,
        address=None,
    )


def delivered(about: Any, /, **envelope: Any) -> Delivery:
    encoded = memory_codec().encode(new_event(about, sequence=1, time=NOW))
    body = orjson.dumps(orjson.loads(encoded.body) | envelope)
    return Delivery("q", encoded.exchange, encoded.routing_key, body, {}, {"content_type": ACCEPTED_TYPE})


def test_a_message_that_can_be_read() -> None:
    assert assess_replay(delivered(public()), MAX_BYTES) == Replayability("c1", None)


def test_a_sealed_message_is_judged_up_to_the_seal() -> None:
    assert assess_replay(delivered(private()), MAX_BYTES) == Replayability("c2", None, sealed=True)
    assert assess_replay(delivered(private(), data="no token of anyone"), MAX_BYTES).obstacle is None
    assert assess_replay(delivered(private(), data={"open": 1}), MAX_BYTES).obstacle is not None


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (replace(delivered(public()), body=b"{broken"), "invalid JSON"),
        (replace(delivered(public()), properties={}), "content type is not"),
        (replace(delivered(public()), body=b" " * (MAX_BYTES + 1)), "over the limit"),
        (delivered(public(), type="concern.unheard.v9"), "unknown type"),
        (delivered(public(), data={"concern_id": "c1"}), "data breaks the schema"),
        (delivered(public(), partitionkey="another"), "partitionkey is not the concern"),
    ],
)
def test_a_message_that_can_never_be_read(message: Delivery, part: str) -> None:
    found = assess_replay(message, MAX_BYTES)
    assert found.partition_key is None
    assert part in (found.obstacle or "")


def test_what_the_broker_gave_up_on_can_be_tried_when_it_can_be_read() -> None:
    message = replace(delivered(public()), queue="metrics.dead", headers={"x-death": [{"reason": "delivery_limit"}]})
    assert assess_replay(message, MAX_BYTES).obstacle is None
