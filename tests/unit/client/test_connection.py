"""The connection's thread: whatever ends it is heard of."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pika.exceptions import ChannelWrongStateError

from concord_client import Replay
from concord_client.connection import Connection, Source
from concord_client.delivery import Connected, Failed, Item, Tail


def source(replay: Replay | None = None) -> Source:
    return Source("sub.parks.events", ("concern.routed.v1.B2.graffiti",), "concord.events", 10, True, replay)


def test_an_error_that_nobody_expected_reaches_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, items = threading.Event(), list[Item]()

    def put(item: Item) -> None:
        items.append(item)
        heard.set()

    def burst(*_: object) -> None:
        raise LookupError("a mistake of ours")

    monkeypatch.setattr("concord_client.connection.pika.BlockingConnection", burst)
    connection = Connection("amqp://parks:secret@127.0.0.1/", source(), put)
    connection.start()
    assert heard.wait(10)
    connection.stop()
    (failed,) = items
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, LookupError)


def test_a_url_that_cannot_be_read_is_refused_at_once() -> None:
    with pytest.raises(ValueError):
        Connection("amqp://parks:secret@127.0.0.1:port/", source(), lambda item: None)


@pytest.mark.parametrize("host", ["straße.example", "βόλος.example"])
def test_a_host_that_sockets_would_turn_into_another_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="xn--"):
        Connection(f"amqp://parks:secret@{host}/", source(), lambda item: None)


class Channel:
    """A channel of `Broker`. The stream's last chunk has two messages. A second `close` fails, as in pika."""

    def __init__(self, broker: "Broker") -> None:
        self._broker = broker
        self.is_open = True

    def basic_consume(self, queue: str, callback: Callable[..., None], arguments: Any = None) -> None:
        if arguments == {"x-stream-offset": "last"}:
            for offset in (7, 8):
                headers = SimpleNamespace(headers={"x-stream-offset": offset})
                self._broker.due.append(lambda headers=headers: callback(self, None, headers, b""))

    def close(self) -> None:
        if not self.is_open:
            raise ChannelWrongStateError
        self.is_open = False
        self._broker.has_closed = True

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class Broker:
    """The connection that pika makes. `calm` is set when it has closed a channel and nothing is due any more."""

    is_open = True
    has_closed = False
    calm = threading.Event()

    def __init__(self, _parameters: object) -> None:
        self.due = deque[Callable[[], None]]()

    def channel(self) -> Channel:
        return Channel(self)

    def add_callback_threadsafe(self, act: Callable[[], None]) -> None:
        self.due.append(act)

    def process_data_events(self, time_limit: float) -> None:
        while self.due:
            self.due.popleft()()
        if self.has_closed:
            self.calm.set()

    def close(self) -> None:
        self.is_open = False


def test_two_messages_at_the_streams_end_do_not_break_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    items = list[Item]()
    monkeypatch.setattr("concord_client.connection.pika.BlockingConnection", Broker)
    replay = Replay(datetime(2026, 3, 1, tzinfo=UTC), stream="sub.parks.replay")
    connection = Connection("amqp://parks:secret@127.0.0.1/", source(replay), items.append)
    connection.start()
    assert Broker.calm.wait(10)
    connection.stop()
    assert items == [Connected(False), Tail(7), Tail(8)]
    assert connection.generation == 1
