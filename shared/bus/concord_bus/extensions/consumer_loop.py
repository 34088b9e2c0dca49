"""The green thread that receives batches and acknowledges them when every delivery has a durable result."""

from collections.abc import Callable, Sequence
from time import monotonic

import eventlet
import structlog
from amqp.exceptions import AccessRefused, NotFound
from eventlet.event import Event as Signal
from eventlet.green import time as green_time

from concord_bus.adapters.amqp.connection import LOST
from concord_bus.adapters.amqp.consumer import BatchReceiver
from concord_bus.backoff import Backoff
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.pipeline import error_location
from concord_bus.runtime import BusRuntime

log = structlog.get_logger("concord.consumer")

IDLE_SECONDS = 0.25
RECONNECT_SECONDS = 2.0
LISTEN_SECONDS = 0.05
WAIT_PER_MESSAGE = 0.001
"""Seconds to wait for a batch, for each message of the batch before."""
HEARTBEAT_SECONDS = 1.0

Spawn = Callable[[Sequence[Delivery], Callable[[BaseException | None], None]], None]
"""Handles a batch in a worker of the container, then calls back with its error or None."""


class ConsumerLoop:
    """Keeps a consuming connection. Only this green thread uses its channel, and it handles one batch at a time."""

    def __init__(self, runtime: BusRuntime, spawn: Spawn) -> None:
        self._runtime = runtime
        self._spawn = spawn
        self._state = runtime.consumer_state
        self._backoff = Backoff(longest=RECONNECT_SECONDS)
        self._stopping = False
        self._ended = Signal()

    def stop(self, seconds: float) -> None:
        """Finish the current batch, acknowledge it and return the other messages, within `seconds`."""
        self._stopping = True
        until = monotonic() + seconds
        while not self._ended.ready() and monotonic() < until:
            green_time.sleep(0.02)

    def kill(self) -> None:
        """Only ask the loop to stop: to kill a green thread from its own exit link leaves a process that consumes
        nothing."""
        self._stopping = True

    def run(self) -> None:
        """Run until `stop`. Every failure ends in another attempt after a growing wait."""
        try:
            while not self._stopping:
                try:
                    self._serve()
                except (NotFound, AccessRefused) as error:
                    self._failed(f"is refused ({error.reply_text}): run `concord topology apply`")
                except LOST as error:
                    self._failed(f"has no connection to the broker ({type(error).__name__})")
                except Exception as error:  # the edge: the broker redelivers the batch
                    self._failed(f"met an unexpected {error_location(error)}")
        finally:
            self._ended.send(None)

    def _failed(self, problem: str) -> None:
        self._state.down(problem)
        wait = self._backoff.seconds()
        log.warning("consumer interrupted", problem=problem, retry_in=round(wait, 1))
        until = monotonic() + wait
        while not self._stopping and monotonic() < until:
            green_time.sleep(0.05)

    def _serve(self) -> None:
        settings = self._runtime.settings
        name = f"{self._runtime.service} consumer"
        receiver = BatchReceiver(settings.broker, name, self._runtime.queues, 2 * settings.batch)
        try:
            self._state.up()
            self._backoff.reset()
            last = 0
            while not self._stopping:
                tag, deliveries = receiver.batch(settings.batch, batch_wait(last, settings.wait_seconds), IDLE_SECONDS)
                last = len(deliveries)
                if deliveries and self._account(receiver, deliveries):
                    receiver.adapt(deliveries)
                    receiver.ack(tag)
            receiver.cancel()
        except BaseException:
            receiver.abort()
            raise
        receiver.close()

    def _account(self, receiver: BatchReceiver, deliveries: Sequence[Delivery]) -> bool:
        """Handle a batch until it succeeds. Returns False when the service stops first."""
        backoff = Backoff()
        while True:
            error = self._handle(receiver, deliveries)
            if error is None:
                if self._state.problem:
                    self._state.up()
                return True
            if not isinstance(error, ResourceUnavailable):
                raise error
            self._state.down(f"waits for the {error.resource}")
            until = monotonic() + backoff.seconds()
            while monotonic() < until:
                if self._stopping:
                    return False
                receiver.listen(LISTEN_SECONDS)

    def _handle(self, receiver: BatchReceiver, deliveries: Sequence[Delivery]) -> BaseException | None:
        outcome = Signal()
        self._spawn(deliveries, outcome.send)
        while not outcome.ready():
            with eventlet.Timeout(HEARTBEAT_SECONDS, False):
                outcome.wait()
            if not outcome.ready():
                receiver.listen(LISTEN_SECONDS)
        result: BaseException | None = outcome.wait()
        return result


def batch_wait(last: int, maximum: float) -> float:
    """Return the seconds to wait for a batch to fill, at most `maximum`, after a batch of `last` messages.

    Under load, large batches cost less. A single message need not wait.
    """
    return min(maximum, last * WAIT_PER_MESSAGE)
