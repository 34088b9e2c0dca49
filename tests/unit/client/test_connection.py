"""The connection's thread: whatever ends it is heard of."""

import threading

import pytest

from concord_client import Replay
from concord_client.connection import Connection, Source
from concord_client.delivery import Failed, Item


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
