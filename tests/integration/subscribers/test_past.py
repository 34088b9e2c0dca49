"""A granted subscriber gets the past, its own part alone, and then what is new: without gap, without double."""

from datetime import UTC, datetime, timedelta

import pytest
from client_stage import Following, event, eventually, following
from subscriber_stage import PARKS, Broker

from concord_client import Event, Replay

NOW = datetime.now(UTC)
SWIFT = {"quiet": 0.5, "patience": 3, "overlap": 1}


def hours_ago(number: int, hours: float, area: str = "B2") -> tuple[str, bytes]:
    return event(number, area=area, when=NOW - timedelta(hours=hours))


def caught_up(parks: Following) -> bool:
    return parks.subscriber._session._handover is None


def test_what_was_before_its_log_in_then_live(city: Broker) -> None:
    city.publish(*(hours_ago(number, 50 - number) for number in range(20)), hours_ago(100, 1, area="C6"))
    url = city.add("parks", *PARKS, "--replay", "30d")
    city.publish(*(event(number) for number in range(20, 40)), event(101, area="C6"))
    with following(url, replay=Replay(since=NOW - timedelta(hours=40), **SWIFT)) as parks:
        eventually(lambda: len(parks.handled), 30)
        eventually(lambda: caught_up(parks), True)
        city.publish(event(40), event(102, area="C6"))
        eventually(lambda: parks.handled[-1], "e40")
    assert parks.handled == [f"e{number}" for number in range(10, 41)]
    assert city.depth("sub.parks.events") == 0


def test_city_it_puts_the_past_into_its_queue_and_copies_are_dropped(city: Broker) -> None:
    url = city.add("parks", *PARKS, "--replay", "2d")
    told: dict[str, bool] = {}

    def note(each: Event) -> None:
        told[each.id] = each.replayed

    city.publish(hours_ago(1, 30), hours_ago(2, 2), hours_ago(3, 1, area="C6"), hours_ago(4, 1))
    with following(url, note) as first:
        eventually(lambda: first.handled, ["e1", "e2", "e4"])
        assert city.concord("replay", "parks", "--since", "3h")["copied"] == 2
        city.publish(event(5))
        eventually(lambda: first.handled[-1], "e5")
        assert first.handled == ["e1", "e2", "e4", "e5"], "it had handled the copies before"
    city.concord("replay", "parks", "--since", "3h")
    with following(url, note) as anew:
        eventually(lambda: anew.handled, ["e2", "e4", "e5"])
    assert told == {"e1": False, "e2": True, "e4": True, "e5": True}
    assert "covers 2 days" in city.concord("replay", "parks", "--since", "5d", code=2)


def test_events_that_arrive_during_a_replay_do_not_break_it(city: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    city.add("parks", *PARKS, "--replay", "2d")
    city.publish(*(hours_ago(number, 1) for number in range(3000)))
    monkeypatch.setattr("concord_cli.subscriber.backfill.last_offset", lambda *_: 3)
    monkeypatch.setattr("concord_cli.subscriber.backfill.POLL_SECONDS", 0)
    assert city.concord("replay", "parks", "--since", "3h")["copied"] > 0


def test_a_replay_stops_before_it_would_push_waiting_events_out(city: Broker) -> None:
    city.add("parks", *PARKS, "--replay", "2d", "--length", "20")
    city.publish(*(hours_ago(number, 1) for number in range(15)))
    assert "no consumer" in city.concord("replay", "parks", "--since", "3h", code=1)
    assert city.depth("sub.parks.events") == 15


def test_a_suspended_service_waits_and_goes_on_when_it_may(city: Broker, caplog: pytest.LogCaptureFixture) -> None:
    url = city.add("parks")
    with following(url) as parks:
        city.publish(event(1))
        eventually(lambda: parks.handled, ["e1"])
        city.concord("suspend", "parks")
        city.publish(event(2))
        eventually(lambda: "the login is suspended" in caplog.text, True)
        city.concord("resume", "parks")
        eventually(lambda: parks.handled, ["e1", "e2"])
    assert parks.error == []


def test_a_service_whose_log_in_was_removed_is_told_to_ask(city: Broker) -> None:
    url = city.add("parks")
    with following(url) as parks:
        city.publish(event(1))
        eventually(lambda: parks.handled, ["e1"])
        city.concord("remove", "parks", "--yes")
        eventually(lambda: len(parks.error), 1)
    assert "ask city IT" in str(parks.error[0])
