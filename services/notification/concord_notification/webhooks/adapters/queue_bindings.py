"""Binding the queue of webhooks over AMQP, with every wait bounded.

Binding what is bound and unbinding what is not are no errors to the broker, so each time everything is said anew.
"""

import contextlib
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from amqp.exceptions import AccessRefused, NotFound

from concord_bus.adapters.amqp.connection import LOST, abort, close, connect, drain_all, within
from concord_bus.settings import BrokerAddress
from concord_bus.topology import Queue, key_for
from concord_notification.webhooks.ports import NotBound

HANDLED_AT_ONCE = 0.001


class QueueBindings:
    """See `ports.Bindings`."""

    def __init__(self, address: BrokerAddress, queue: Queue, name: str, clock: Callable[[], float] = monotonic) -> None:
        """`name` is the connection's in the broker's management pages; nothing is connected yet."""
        self._address = address
        self._queue = queue
        self._name = name
        self._clock = clock
        self._connection: Any = None
        self._channel: Any = None

    def open(self) -> None:
        if self._connection is not None:
            return
        with self._explained():
            self._connection = connect(self._address, self._name)
            self._channel = self._connection.channel()

    def follow(self, wanted: Collection[str], seconds: float) -> None:
        channel, until = self._channel, self._clock() + seconds
        with self._explained(), within(self._connection, seconds):
            for kind in self._queue.at_will:
                if kind in wanted:
                    channel.queue_bind(self._queue.name, self._queue.exchange, key_for(kind))
            for kind in self._queue.at_will:
                if kind not in wanted:
                    if self._clock() >= until:  # this process stood still: another one may know better by now
                        raise TimeoutError
                    channel.queue_unbind(self._queue.name, self._queue.exchange, key_for(kind))

    def beat(self) -> None:
        if self._connection is not None:
            with self._explained():
                drain_all(self._connection, HANDLED_AT_ONCE)
                self._connection.heartbeat_tick()

    def close(self) -> None:
        connection = self._forget()
        if connection is not None:
            close(connection, 1.0)

    def abort(self) -> None:
        if self._connection is not None:
            _break_off(self._connection)

    def _drop(self) -> None:
        connection = self._forget()
        if connection is not None:
            abort(connection)

    def _forget(self) -> Any:
        connection, self._connection, self._channel = self._connection, None, None
        return connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Whatever fails ends the connection, because a channel is closed by what it is refused."""
        try:
            yield
        except (NotFound, AccessRefused) as error:
            self._drop()
            raise NotBound(f"is refused ({error.reply_text}): run `concord topology apply`") from error
        except LOST as error:
            self._drop()
            raise NotBound(f"has no connection to the broker ({type(error).__name__})") from error
        except BaseException:
            self._drop()
            raise


def _break_off(connection: Any) -> None:
    """Wake the green thread that waits on the socket; it sees the end of the connection and closes it.

    Closed from here the socket would be gone before the waiting one hears of it.
    """
    with contextlib.suppress(Exception):
        connection.transport.sock.shutdown(socket.SHUT_RDWR)
