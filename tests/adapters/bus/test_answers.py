"""A broker that lives but does not answer is given up in time, whatever it was asked."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from mute_broker import MuteBroker

from concord_bus.adapters.amqp import connection
from concord_bus.adapters.amqp.connection import LOST, NoAnswer, close, connect, drain, within
from concord_bus.adapters.amqp.consumer import BatchReceiver
from concord_bus.adapters.amqp.publisher import ConfirmingPublisher
from concord_bus.adapters.amqp.stream_reader import StreamReader
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.settings import BrokerAddress

SECONDS = 0.6
"""Three heartbeats come in this time."""
SLACK = 2.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", SECONDS)


def consumer(address: BrokerAddress) -> Any:
    return BatchReceiver(address, "test", ["queue"], 10)


def publisher(address: BrokerAddress) -> Any:
    row = Outgoing(1, "e1", "c1", "concord.events", "concern.received.v1.A1.noise", b"{}", False, 0.0)
    return ConfirmingPublisher(address, "test").send([row])


def marker(address: BrokerAddress) -> Any:
    return ConfirmingPublisher(address, "test").send_marker("intake")


def reader(address: BrokerAddress) -> Any:
    return next(StreamReader(address, "test", "stream").read("first"))


@pytest.mark.parametrize(
    ("opened", "question"),
    [
        (consumer, "channel.open"),
        (consumer, "basic.qos"),
        (consumer, "basic.consume"),
        (publisher, "channel.open"),
        (publisher, "confirm.select"),
        (marker, "channel.open"),
        (marker, "confirm.select"),
        (reader, "channel.open"),
        (reader, "basic.consume"),
    ],
)
def test_opening_ends_in_time(opened: Callable[[BrokerAddress], Any], question: str) -> None:
    with MuteBroker(question) as broker:
        begun = monotonic()
        with pytest.raises(NoAnswer):
            opened(BrokerAddress.parse(broker.url))
        assert broker.asked.is_set()
        assert SECONDS <= monotonic() - begun < SECONDS + SLACK


@pytest.mark.parametrize("question", ["connection.start-ok", "connection.open"])
def test_connecting_ends_in_time(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.5)
    with MuteBroker(question) as broker:
        begun = monotonic()
        with pytest.raises(NoAnswer):
            connect(BrokerAddress.parse(broker.url), "test")
        assert monotonic() - begun < SECONDS + 0.5 + SLACK


def test_a_consumer_that_is_to_end_does_not_wait_for_ever_either() -> None:
    with MuteBroker("basic.cancel") as broker:
        receiver = consumer(BrokerAddress.parse(broker.url))
        begun = monotonic()
        with pytest.raises(NoAnswer):
            receiver.cancel()
        receiver.close()
        assert monotonic() - begun < SECONDS + SLACK


def test_a_farewell_that_is_not_returned_ends_in_the_seconds_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 5)
    with MuteBroker("connection.close") as broker:
        opened = connect(BrokerAddress.parse(broker.url), "test")
        begun = monotonic()
        close(opened, 0.3)
        assert monotonic() - begun < SLACK
        assert not opened.connected


def test_several_answers_together_have_the_time_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 5)
    with MuteBroker("queue.unbind") as broker:
        opened = connect(BrokerAddress.parse(broker.url), "test")
        channel = opened.channel()
        begun = monotonic()
        with within(opened, 0.3):
            channel.queue_bind("queue", "exchange", "key")
            with pytest.raises(NoAnswer):
                channel.queue_unbind("queue", "exchange", "key")
        assert monotonic() - begun < SLACK
        assert issubclass(NoAnswer, LOST)
        close(opened, 0.1)


def test_waiting_for_what_nobody_asked_for_is_no_missing_answer() -> None:
    with MuteBroker("channel.open") as broker:
        opened = connect(BrokerAddress.parse(broker.url), "test")
        with within(opened, 10):
            assert drain(opened, 0.1) is False
        close(opened, 0.1)
