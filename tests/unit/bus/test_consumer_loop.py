"""A consumer that stops handles what it has received, acknowledges it, and leaves nothing acknowledged unhandled."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions.consumer_loop import ConsumerLoop, Pace, drain_size
from concord_bus.health import ConnectionState
from concord_bus.metrics import Instruments
from concord_bus.settings import BrokerAddress

from .stage import delivery, unroutable

BATCH = 10
Done = Callable[[BaseException | None], None]


class Receiver:
    """A connection that has received `buffer`; the window allows no more until an ack."""

    def __init__(self, buffer: Sequence[Delivery]) -> None:
        self.buffer = list(buffer)
        self.acked: list[int] = []
        self.cancelled = self.closed = False
        self._tag = 0

    @property
    def buffered(self) -> int:
        return len(self.buffer)

    def batch(self, size: int, seconds: float, first_within: float) -> tuple[int, list[Delivery]]:
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        self._tag += len(taken)
        return self._tag, taken

    def listen(self, seconds: float) -> None:
        """Nothing comes."""

    def ack(self, tag: int) -> None:
        self.acked.append(tag)

    def adapt(self, handled: Sequence[Delivery], windows: Mapping[str, int]) -> None:
        assert not self.cancelled, "there is no window any more"

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        raise AssertionError("it closes in order")


class Scene:
    """A loop whose service stops while it handles the first batch. `outcomes` are those of the batches in order."""

    def __init__(self, messages: int, *outcomes: BaseException | None) -> None:
        self.receiver = Receiver([delivery(unroutable(f"c{number}")) for number in range(messages)])
        self.handled: list[int] = []
        self._outcomes = list(outcomes)
        state = ConnectionState("consumer", Instruments.unregistered())
        broker = BrokerAddress.parse("amqp://intake:secret@mq:5672/")
        settings = SimpleNamespace(broker=broker, batch=BATCH, wait_seconds=0.0)
        runtime: Any = SimpleNamespace(
            service="test", queues=(), settings=settings, consumer_state=state, pipeline=SimpleNamespace(windows={})
        )
        self.loop = ConsumerLoop(runtime, self._handle, lambda *_: self.receiver)  # type: ignore[arg-type]

    def run(self) -> None:
        self.loop.run()

    def _handle(self, deliveries: Sequence[Delivery], done: Done) -> None:
        self.loop.stop(0.0)
        self.handled.append(len(deliveries))
        done(self._outcomes.pop(0) if self._outcomes else None)


def test_what_is_received_is_handled_in_batches_and_acknowledged() -> None:
    scene = Scene(35)
    scene.run()
    assert scene.receiver.cancelled
    assert scene.handled == [10, 10, 10, 5]
    assert scene.receiver.acked == [10, 20, 30, 35]
    assert scene.receiver.closed


def test_nothing_follows_a_batch_that_is_left() -> None:
    """An ack of a later batch would cover it."""
    scene = Scene(35, ResourceUnavailable("database"))
    scene.run()
    assert scene.handled == [10]
    assert scene.receiver.acked == []
    assert scene.receiver.closed


def test_nor_when_it_is_left_on_the_way_out() -> None:
    scene = Scene(35, None, ResourceUnavailable("database"))
    scene.run()
    assert scene.handled == [10, 10]
    assert scene.receiver.acked == [10]


def test_a_kill_returns_what_is_received() -> None:
    scene = Scene(35)
    scene.loop.stop = lambda seconds: scene.loop.kill()  # type: ignore[method-assign]
    scene.run()
    assert scene.handled == [10]
    assert scene.receiver.acked == [10]


def test_the_log_says_that_the_broker_is_back_and_how_long_it_was_away() -> None:
    scene = Scene(1)
    failures: list[BaseException] = [ConnectionRefusedError(111, "Connection refused"), OSError("Socket closed")]

    def connect(*_: Any) -> Receiver:
        if failures:
            raise failures.pop()
        return scene.receiver

    scene.loop._connect = connect  # type: ignore[assignment]
    structlog.reset_defaults()  # this folder's tests are quiet
    with capture_logs() as lines:
        scene.run()
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", "consumer interrupted"),
        ("warning", "consumer interrupted"),
        ("info", "connected to the broker again"),
    ]
    assert lines[1]["problem"] == "has no connection to the broker (nothing listens at mq:5672)"
    assert lines[2]["connection"] == "consumer"
    assert lines[2]["outage_seconds"] >= 0.2


def test_the_first_connection_is_no_news() -> None:
    structlog.reset_defaults()
    with capture_logs() as lines:
        Scene(1).run()
    assert lines == []


@pytest.mark.parametrize(
    ("left", "pace", "size"),
    [
        (3.0, Pace(800, 0.5), 800),
        (0.25, Pace(800, 0.5), 400),
        (0.001, Pace(10, 1.0), 0),
        (0.0, Pace(800, 0.5), 0),
        (-1.0, Pace(), 0),
        (1.0, Pace(), 800),
    ],
)
def test_a_batch_on_the_way_out_is_as_large_as_time_allows(left: float, pace: Pace, size: int) -> None:
    assert drain_size(left, pace, 800) == size
