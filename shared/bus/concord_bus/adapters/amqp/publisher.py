"""Publishes with a window of asynchronous confirms, and tries refused messages over a channel of their own."""

from collections.abc import Sequence
from time import monotonic

from amqp.exceptions import ChannelError

from concord_bus.adapters.amqp.confirm_channel import ConfirmChannel
from concord_bus.adapters.amqp.connection import abort, close, connect, drain_all
from concord_bus.adapters.amqp.log_marker import NoConfirm, send_marker
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.log_gate import MarkerOutcome
from concord_bus.relay import PublishReport
from concord_bus.settings import BrokerAddress

CONFIRM_SECONDS = 20.0


class ConfirmTimeout(OSError):
    """The broker did not confirm in time. Remedy: connect again and send the unconfirmed messages."""


class ConfirmingPublisher:
    """One publishing connection, for a single green thread: the relay. It opens a channel when it first needs it."""

    def __init__(self, address: BrokerAddress, name: str) -> None:
        """Connect. Raises one of `connection.LOST`."""
        self.blocked = False
        self._connection = connect(address, name, self._on_blocked)
        self._together: ConfirmChannel | None = None
        self._alone: ConfirmChannel | None = None

    def send_marker(self, sender: str) -> MarkerOutcome:
        """Send a marker to the log of public events; see `log_marker`."""
        try:
            return send_marker(self._connection, sender)
        except NoConfirm:
            if self.blocked:
                raise NoConfirm("is blocked by the broker (memory or disk alarm)") from None
            raise

    def send(self, rows: Sequence[Outgoing]) -> None:
        """Send rows, in order, in one write. Raises one of `connection.LOST`."""
        if self._together is None:
            self._together = ConfirmChannel(self._connection)
        self._together.send(rows)

    def send_alone(self, row: Outgoing) -> None:
        """Send a row over a channel of its own, which the broker may close without harm to others."""
        if self._alone is None:
            self._alone = ConfirmChannel(self._connection)
        self._alone.send([row])

    def reports(self, seconds: float) -> list[PublishReport]:
        """Return the reports after at most `seconds`. Raises one of `connection.LOST`, also for late confirms."""
        try:
            drain_all(self._connection, seconds)
        except ChannelError as error:
            closed = [channel for channel in self._channels if channel.closed(error)]
            if not closed:
                raise
        self._connection.heartbeat_tick()
        for channel in self._channels:
            if self.blocked or not channel.waiting:
                channel.confirmed_at = monotonic()
        if self.silent_seconds > CONFIRM_SECONDS:
            raise ConfirmTimeout(f"no confirm for {CONFIRM_SECONDS:.0f} seconds")
        return [report for channel in self._channels for report in channel.take_reports()]

    @property
    def silent_seconds(self) -> float:
        """The seconds for which the broker has owed a confirm."""
        return max((monotonic() - channel.confirmed_at for channel in self._channels if channel.waiting), default=0.0)

    @property
    def _channels(self) -> list[ConfirmChannel]:
        return [channel for channel in (self._together, self._alone) if channel is not None]

    def close(self) -> None:
        close(self._connection)

    def abort(self) -> None:
        abort(self._connection)

    def _on_blocked(self, blocked: bool) -> None:
        self.blocked = blocked
