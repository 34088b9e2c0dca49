"""A marker to the log of public events alone: the broker's answer tells whether the log is there.

After a restart RabbitMQ confirms messages for a stream that it has not found yet. Without another queue it returns
them.
"""

from time import monotonic
from typing import Any

from amqp.exceptions import ChannelError

from concord_bus.adapters.amqp.connection import ANSWER_SECONDS, drain_all
from concord_bus.adapters.amqp.frames import FrameWriter
from concord_bus.domain.refusals import Refusal
from concord_bus.log_gate import MarkerOutcome
from concord_bus.topology.declarations import LOG_MARKER_EXCHANGE

CONTENT_TYPE = "application/vnd.concord.marker"
BODY = b"marker"
PERSISTENT = 2


class MarkerRefused(Exception):
    """The broker closed the channel of a marker, with these words."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


class NoConfirm(OSError):
    """The broker did not confirm a marker in time. The text completes "the relay ...". Remedy: connect again."""


def send_marker(connection: Any, sender: str) -> MarkerOutcome:
    """Publish a marker over a channel of its own and return what became of it, within ANSWER_SECONDS.

    Raises MarkerRefused, NoConfirm, or one of `connection.LOST`.
    """
    channel = connection.channel()
    found: list[MarkerOutcome] = []
    channel.events["basic_return"].add(lambda *_: found.append(MarkerOutcome.RETURNED))
    channel.events["basic_nack"].add(lambda *_: found.append(MarkerOutcome.NACKED))
    channel.events["basic_ack"].add(lambda *_: found.append(MarkerOutcome.WRITTEN))
    try:
        channel.confirm_select()
        writer = FrameWriter(channel.channel_id, connection.frame_max, CONTENT_TYPE, PERSISTENT)
        connection.transport.write(writer.publish([(LOG_MARKER_EXCHANGE, sender, "", BODY)]))
        connection.bytes_sent += 1
        _await_answer(connection, found)
        channel.close()
    except ChannelError as error:
        raise MarkerRefused(Refusal(error.reply_code or 0, str(error.reply_text))) from error
    return found[0]  # the broker sends a return before the ack


def _await_answer(connection: Any, found: list[MarkerOutcome]) -> None:
    until = monotonic() + ANSWER_SECONDS
    while not found:
        left = until - monotonic()
        if left <= 0:
            raise NoConfirm("waits for the log of public events: the broker does not confirm a marker")
        drain_all(connection, left)
        connection.heartbeat_tick()
