"""The green thread that receives batches and acknowledges them when every delivery has a durable result."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

import eventlet
import structlog
from amqp.exceptions import AccessRefused, NotFound
from eventlet.event import Event as Signal
from eventlet.green import time as green_time

from concord_bus.adapters.amqp.connection import LOST, lost_reason
from concord_bus.adapters.amqp.consumer import BatchReceiver
from concord_bus.backoff import Backoff
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.domain.outage import Outage
from concord_bus.extensions.outage_log import log_end
from concord_bus.runtime import BusRuntime
from concord_bus.settings import BrokerAddress

log = structlog.get_logger("concord.consumer")

IDLE_SECONDS = 0.25
RECONNECT_SECONDS = 2.0
LISTEN_SECONDS = 0.05
WAIT_PER_MESSAGE = 0.001
"""Seconds to wait for a batch, for each message of the batch before."""
HEARTBEAT_SECONDS = 1.0
DRAIN_SECONDS = 3.5
"""The time for buffered messages when the service stops. The broker redelivers the others."""

Spawn = Callable[[Sequence[Delivery], Callable[[BaseException | None], None]], None]
"""Handles a batch in a worker of the container, then calls back with its error or None."""

Connect = Callable[[BrokerAddress, str, Sequence[str], int], BatchReceiver]
"""Connects to the broker under a name, and consumes queues with a window."""


class ConsumerLoop:
    """Keeps a consuming connection. Only this green thread uses its channel, and it handles one batch at a time."""

    def __init__(self, runtime: BusRuntime, spawn: Spawn, connect: Connect | None = None) -> None:
        self._runtime = runtime
        self._connect = connect or BatchReceiver
        self._spawn = spawn
        self._batch = runtime.settings.batch
        self._state = runtime.consumer_state
        self._backoff = Backoff(longest=RECONNECT_SECONDS)
        self._outage = Outage()
        self._stopping = False
        self._drain_until = 0.0
        self._ended = Signal()

    def stop(self, seconds: float) -> None:
        """Take no more messages, handle those received for DRAIN_SECONDS, return the others. Waits `seconds` for it."""
        self._drain_until = monotonic() + DRAIN_SECONDS
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
                    self._failed(
                        f"has no connection to the broker ({lost_reason(error, self._runtime.settings.broker)})"
                    )
                except Exception as error:  # the edge: the broker redelivers the batch
                    self._failed(f"met an unexpected {error_location(error)}")
        finally:
            self._ended.send(None)

    def _failed(self, problem: str) -> None:
        self._state.down(problem)
        self._outage.begin(monotonic())
        wait = self._backoff.seconds()
        log.warning("consumer interrupted", problem=problem, retry_in=round(wait, 1))
        until = monotonic() + wait
        while not self._stopping and monotonic() < until:
            green_time.sleep(0.05)

    def _serve(self) -> None:
        settings = self._runtime.settings
        name = f"{self._runtime.service} consumer"
        receiver = self._connect(settings.broker, name, self._runtime.queues, 2 * settings.batch)
        try:
            self._state.up()
            self._backoff.reset()
            log_end(log, self._outage, "consumer")
            self._consume(receiver)
        except BaseException:
            receiver.abort()
            raise
        receiver.close()

    def _consume(self, receiver: BatchReceiver) -> None:
        """Take batches until `stop`, then what was received before. An ack covers all deliveries before
        it, so nothing follows a batch that is left."""
        pace = Pace()
        while not self._stopping:
            wait = batch_wait(pace.size, self._runtime.settings.wait_seconds)
            latest = self._take(receiver, self._batch, wait, IDLE_SECONDS)
            if latest is None:
                return
            pace = latest
        receiver.cancel()
        while receiver.buffered and (size := drain_size(self._drain_until - monotonic(), pace, self._batch)):
            latest = self._take(receiver, size, 0.0, 0.0)
            if latest is None:
                return
            pace = latest

    def _take(self, receiver: BatchReceiver, size: int, wait: float, first_within: float) -> "Pace | None":
        """Take one batch, which may be empty. Returns None when the service stops before it succeeds."""
        tag, deliveries = receiver.batch(size, wait, first_within)
        if not deliveries:
            return Pace()
        began = monotonic()
        if not self._account(receiver, deliveries):
            return None
        if not self._stopping:
            receiver.adapt(deliveries, self._runtime.pipeline.windows)
        receiver.ack(tag)
        return Pace(len(deliveries), monotonic() - began)

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


class Pace(NamedTuple):
    """The last batch: its messages, and the seconds that they took."""

    size: int = 0
    seconds: float = 0.0


def drain_size(left: float, pace: Pace, maximum: int) -> int:
    """Return the number of messages to handle in the `left` seconds at this pace, at most `maximum`."""
    if left <= 0:
        return 0
    if pace.seconds <= 0:
        return maximum
    return min(maximum, int(left * pace.size / pace.seconds))


def batch_wait(last: int, maximum: float) -> float:
    """Return the seconds to wait for a batch to fill, at most `maximum`, after a batch of `last` messages.

    Under load, large batches cost less. A single message need not wait.
    """
    return min(maximum, last * WAIT_PER_MESSAGE)
