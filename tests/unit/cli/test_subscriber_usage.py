"""What `concord subscriber usage` makes of what the management API lists. Pure."""

from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_admin import Subscriber
from concord_cli.subscriber.usage import last_delivery, to_text, usage_of

PARKS = Subscriber(Grant("parks", ("concern.routed.v1",), replay_days=1), "2026-03-01", "2026-03-01")
QUEUE = {
    "name": "sub.parks.events",
    "type": "quorum",
    "messages_ready": 60_000,
    "messages_unacknowledged": 200,
    "consumers": 1,
    "message_stats": {"publish_details": {"rate": 12.5}, "deliver_get_details": {"rate": 3.0}},
}
STREAM = {"name": "sub.parks.replay", "type": "stream", "messages_ready": 5}
CONNECTION = {"peer_host": "203.0.113.5", "connected_at": 1772366400000, "state": "running", "user": "parks"}


def test_depths_rates_and_connections() -> None:
    usage = usage_of(PARKS, [QUEUE, STREAM], [CONNECTION])
    queue, stream = usage["queues"]
    assert queue == {
        "name": "sub.parks.events",
        "waiting": 60_000,
        "in_hand": 200,
        "in_per_second": 12.5,
        "out_per_second": 3.0,
        "full_percent": 60,
        "readers": 1,
    }
    assert stream["full_percent"] is None
    assert usage["connections"] == [{"from": "203.0.113.5", "since": "2026-03-01T12:00:00+00:00", "state": "running"}]
    lines = to_text(usage)
    assert lines.startswith("parks: live, 1 of 2 connections")
    assert "60 %" in lines


def test_what_was_not_counted_yet_is_nothing() -> None:
    (queue,) = usage_of(PARKS, [{"name": "sub.parks.events"}], [])["queues"]
    assert (queue["waiting"], queue["in_per_second"], queue["readers"]) == (0, 0.0, 0)


def test_last_seen_is_when_the_count_last_rose() -> None:
    samples = [{"timestamp": 1772366400000 + 60_000 * at, "sample": count} for at, count in enumerate((3, 3, 9, 9, 9))]
    assert last_delivery(samples[::-1]) == "2026-03-01T12:02:00+00:00"
    assert last_delivery(samples[2:]) is None
    assert last_delivery([]) is None
