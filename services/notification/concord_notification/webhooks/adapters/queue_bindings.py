"""The bindings of the webhook queue over AMQP. Every wait has a limit.

The broker accepts a binding that exists and an unbinding of none. So each call sends the complete list.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from amqp.exceptions import AccessRefused, NotFound

from concord_bus.adapters.amqp.connection import LOST, abort, close, connect, drain_all, lost_reason, shut_down, within
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import Queue, key_for
from concord_notification.webhooks.ports import BindingFailed

DRAIN_SECONDS = 0.001


@dataclass(eq=False)
class QueueBindings:
    """Implements `ports.Bindings`. `name` identifies the connection in the broker's management pages."""

    address: BrokerAddress
    queue: Queue
    name: str
    clock: Callable[[], float] = monotonic
    _connection: Any = field(default=None, init=False)
    _channel: Any = field(default=None, init=False)

    def open(self) -> None:
        if self._connection is not None:
            return
        with self._translated():
            self._connection = connect(self.address, self.name)
            self._channel = self._connection.channel()

    def replace(self, types: Collection[str], seconds: float) -> None:
        until = self.clock() + seconds
        queue, exchange = self.queue.name, self.queue.exchange
        with self._translated(), within(self._connection, seconds):
            for event_type in self.queue.at_will:
                if event_type in types:
                    self._channel.queue_bind(queue, exchange, key_for(event_type))
            for event_type in self.queue.at_will:
                if event_type not in types:
                    if self.clock() >= until:  # this process stood still: another one may know a newer list
                        raise TimeoutError
                    self._channel.queue_unbind(queue, exchange, key_for(event_type))

    def heartbeat(self) -> None:
        if self._connection is not None:
            with self._translated():
                drain_all(self._connection, DRAIN_SECONDS)
                self._connection.heartbeat_tick()

    def close(self) -> None:
        connection = self._forget()
        if connection is not None:
            close(connection, 1.0)

    def abort(self) -> None:
        if self._connection is not None:
            _shut_down(self._connection)

    def _drop(self) -> None:
        connection = self._forget()
        if connection is not None:
            abort(connection)

    def _forget(self) -> Any:
        connection, self._connection, self._channel = self._connection, None, None
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Translate errors, and drop the connection after each: a refusal closes the channel."""
        try:
            yield
        except (NotFound, AccessRefused) as error:
            self._drop()
            raise BindingFailed(f"is refused ({error.reply_text}): run `concord topology apply`") from error
        except LOST as error:
            self._drop()
            raise BindingFailed(f"has no connection to the broker ({lost_reason(error, self.address)})") from error
        except BaseException:
            self._drop()
            raise


def _shut_down(connection: Any) -> None:
    """Wake the green thread that waits on the socket; it sees the end of the connection and closes it.

    A close from here would remove the socket before the waiting thread wakes.
    """
    with contextlib.suppress(Exception):
        shut_down(connection)
