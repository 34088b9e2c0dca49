"""The feed: every viewer gets every part whole, nothing queues up, and all of it ends when the service stops."""

import json

import pytest

from concord_metrics.ops.event_stream import EventStream, TooManyViewers


def going():
    return False


def events(viewer, count):
    """The next events as (name, data)."""
    found = []
    while len(found) < count:
        lines = dict(line.split(": ", 1) for line in next(viewer).decode().strip().splitlines())
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_a_viewer_begins_with_every_part_and_then_gets_what_changes():
    feed = EventStream()
    feed.put("city", {"received": 1})
    feed.put("platform", {"at": "12:00"})
    viewer = feed.watch(going)
    assert next(viewer) == b"retry: 3000\n\n"
    assert events(viewer, 2) == [("city", {"received": 1}), ("platform", {"at": "12:00"})]
    feed.put("city", {"received": 1})
    feed.put("platform", {"at": "12:04"})
    assert events(viewer, 1) == [("platform", {"at": "12:04"})]


def test_a_slow_viewer_skips_what_it_missed():
    feed = EventStream()
    viewer = feed.watch(going)
    for number in range(1000):
        feed.put("city", {"received": number})
    assert events(viewer, 1) == [("city", {"received": 999})]


def test_while_nothing_changes_there_are_beats():
    viewer = EventStream().watch(going, heartbeat=0.01)
    assert events(viewer, 2) == [("beat", {}), ("beat", {})]


def test_it_ends_when_the_service_stops():
    answers = iter([False, True])
    feed = EventStream()
    feed.put("city", {})
    assert len(list(feed.watch(lambda: next(answers), heartbeat=0.01))) == 2


def test_viewers_are_bounded_and_one_that_leaves_makes_room():
    joined = []
    feed = EventStream(max_viewers=2, on_viewer=lambda: joined.append(1))
    first, _second = feed.watch(going), feed.watch(going)
    with pytest.raises(TooManyViewers):
        feed.watch(going)
    first.close()
    first.close()
    assert feed.viewers == 1
    feed.watch(going)
    assert len(joined) == 3
