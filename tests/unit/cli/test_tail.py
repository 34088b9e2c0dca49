"""`concord tail`: what is shown of an event, which are wanted, where to begin, which broker."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from concord_cli.commands import concord
from concord_cli.common.broker_target import broker_of, local_node
from concord_cli.common.errors import UsageError
from concord_cli.common.public_event import PublicEvent, parse_event
from concord_cli.common.time_option import parse_time
from concord_cli.tail.event_filter import EventFilter, unknown_types
from concord_cli.tail.output import to_json, to_line
from concord_nodes.node_state import Identity, remember

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)


def body(**changes: Any) -> bytes:
    data = {"concern_id": "0123456789abcdef", "area": "B2", "category": "graffiti", "team": "b2-team"}
    envelope = {
        "type": "concern.routed.v1",
        "time": "2026-11-22T19:20:00+01:00",
        "partitionkey": "0123456789abcdef",
        "data": data,
    }
    return json.dumps(envelope | changes).encode()


def seen(**changes: Any) -> PublicEvent:
    found = parse_event(body(**changes))
    assert found is not None
    return found


def test_an_event_is_a_line_of_columns() -> None:
    line = click.unstyle(to_line(seen()))
    assert line.split() == [
        "2026-11-22",
        "18:20:00Z",
        "concern.routed.v1",
        "B2",
        "graffiti",
        "b2-team",
        "89abcdef",
    ]


def test_what_an_event_does_not_have_is_an_underscore() -> None:
    line = click.unstyle(to_line(seen(type="feedback.given.v2", data={"area": None})))
    assert line.split()[2:6] == ["feedback.given.v2", "_", "_", "_"]


def test_colours_tell_good_from_bad_and_no_text_brings_its_own() -> None:
    assert "\x1b[32m" in to_line(seen(type="promise.kept.v1"))
    assert "\x1b[31m" in to_line(seen(type="promise.missed.v1"))
    assert "\x1b[31mred" not in to_line(seen(data={"team": "\x1b[31mred"}))


def test_json_is_the_whole_event_on_one_line() -> None:
    line = to_json(seen(data={"note": "a\nb"}))
    assert "\n" not in line
    assert json.loads(line) == json.loads(body(data={"note": "a\nb"}))


@pytest.mark.parametrize(
    "broken", [b"{", b"[]", b"null", b'"x"', body(time="soon"), body(time=5), body(data=7), body(data=None)]
)
def test_what_is_no_event_is_passed_over(broken: bytes) -> None:
    assert parse_event(broken) is None


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (EventFilter(), True),
        (EventFilter(types=["concern.*"]), True),
        (EventFilter(types=["promise.*", "*.routed.v?"]), True),
        (EventFilter(types=["promise.*"]), False),
        (EventFilter(types=["concern.routed"]), False),
        (EventFilter(areas=["B*"], categories=["graf*"]), True),
        (EventFilter(areas=["B*"], categories=["noise"]), False),
        (EventFilter(areas=["_"]), False),
        (EventFilter(areas=["b2"]), False),
    ],
)
def test_filters(wanted: EventFilter, fits: bool) -> None:
    assert wanted.matches(seen()) is fits


def test_a_moment_is_so_long_ago_or_a_time() -> None:
    assert parse_time("2h", NOW) == NOW - timedelta(hours=2)
    assert parse_time("30 m", NOW) == NOW - timedelta(minutes=30)
    assert parse_time("1w", NOW) == NOW - timedelta(days=7)
    east = timezone(timedelta(hours=2))
    assert parse_time("2026-11-22T20:20:00+02:00", NOW) == datetime(2026, 11, 22, 20, 20, tzinfo=east)
    assert parse_time("2026-11-22", NOW) == datetime(2026, 11, 22).astimezone(UTC)  # local time
    for wrong in ("yesterday", "", "-2h", "2x", "2026-11-22T20:20+02:00", "20261122T2020", "2026-W47-7"):
        with pytest.raises(ValueError):
            parse_time(wrong, NOW)


def test_the_broker_of_a_local_run_is_found_in_its_home(tmp_path: Path) -> None:
    assert local_node(tmp_path) is None
    with pytest.raises(UsageError, match="or give --broker URL"):
        broker_of(None, tmp_path)
    (tmp_path / "rabbitmq").mkdir()
    remember(tmp_path / "rabbitmq", Identity("concord-1", "concord", "secret", "cookie", {"amqp": 20123}))
    found = broker_of(None, tmp_path)
    assert (found.host, found.port, found.user, found.password, found.vhost) == (
        "127.0.0.1",
        20123,
        "concord",
        "secret",
        "/",
    )
    (tmp_path / "rabbitmq" / "node.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        broker_of(None, tmp_path)


def test_a_named_broker_goes_before_the_local_one(tmp_path: Path) -> None:
    found = broker_of("amqp://ana:p%40ss@broker.example.org/city", tmp_path)
    assert (found.host, found.port, found.user, found.password, found.vhost) == (
        "broker.example.org",
        5672,
        "ana",
        "p@ss",
        "city",
    )
    with pytest.raises(UsageError, match="--broker must look like"):
        broker_of("http://broker", tmp_path)


def test_a_broker_that_never_answered_ends_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(concord, ["tail", "--broker", "amqp://a:b@127.0.0.1:1/"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: No response from the broker at 127.0.0.1:1 (connection refused): start it, or correct --broker.\n"
    )


def test_a_pattern_that_fits_no_known_type_is_told() -> None:
    assert unknown_types(["concern.*", "promise.kept.v1", "concern.routd.v1", "contact.given.v1"]) == [
        "concern.routd.v1",
        "contact.given.v1",
    ]
