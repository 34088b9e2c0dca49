"""Admission: each client's share of the connections, and the slots of streamed bodies, with their metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from concord_web.connection_shares import ConnectionShares
from concord_web.metrics import WebMetrics
from concord_web.problem import Problem
from concord_web.settings import WebSettings
from concord_web.stream_slots import StreamSlots

if TYPE_CHECKING:
    from concord_web.connection import Connection


class Admission:
    """Counts the connections and streams of clients, and refuses those beyond a limit."""

    def __init__(self, settings: WebSettings, metrics: WebMetrics) -> None:
        self.shares: ConnectionShares[Connection] = ConnectionShares(settings.max_connections_per_client)
        self._streams = StreamSlots(settings.max_streams, settings.max_streams_per_client)
        self._metrics = metrics

    def take_share(self, connection: Connection, client: str) -> bool:
        """Count the connection in the client's share; return False, without effect, if the share is taken."""
        if self.shares.is_full(client):
            self._metrics.refused.labels("share").inc()
            return False
        self.shares.add(client, connection)
        connection.holder = client
        return True

    def give_back_share(self, connection: Connection) -> None:
        """Count the connection in no client's share any more."""
        if connection.holder is not None:
            self.shares.remove(connection.holder, connection)
            connection.holder = None

    def begin_stream(self, client: str, *, logged_in: bool) -> None:
        """Take a slot for a streamed body. Raises Problem 429 or 503 without one."""
        try:
            self._streams.take(client, logged_in=logged_in)
        except Problem:
            self._metrics.refused.labels("streams").inc()
            raise
        self._metrics.streams.set(self._streams.taken)

    def end_stream(self, client: str, logged_in: bool) -> None:
        """Free the slot of a streamed body."""
        self._streams.give_back(client, logged_in=logged_in)
        self._metrics.streams.set(self._streams.taken)
