"""The reason of a lost connection is in words, never the name of a class; an outage has a length."""

import socket

import pytest
from amqp.exceptions import AccessRefused, AMQPError, ConnectionForced, NotAllowed, RecoverableConnectionError

from concord_bus.adapters.amqp.connection import NoAnswer, lost_reason
from concord_bus.domain.outage import Outage
from concord_bus.settings import BrokerAddress

BROKER = BrokerAddress.parse("amqp://intake:secret@mq.example.org:5672/")
LOGIN = "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN."
REFUSED_LOGIN = "it refused the login: correct CONCORD_BROKER_URL, or run `concord topology apply`"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "nothing listens at mq.example.org:5672"),
        (TimeoutError(), "no answer within 5 s"),
        (TimeoutError("timed out"), "no answer within 5 s"),
        (TimeoutError(110, "Connection timed out"), "connection timed out"),
        (NoAnswer("the broker does not respond"), "the broker does not respond"),
        (socket.gaierror(-2, "Name or service not known"), "no such host: mq.example.org"),
        (OSError(113, "No route to host"), "no route to host"),
        (OSError("Server unexpectedly closed connection"), "the connection was cut"),
        (OSError("Socket closed"), "the connection was cut"),
        (OSError(), "the connection was cut"),
        (ConnectionResetError(104, "Connection reset by peer"), "the connection was cut"),
        (BrokenPipeError(32, "Broken pipe"), "the connection was cut"),
        (RecoverableConnectionError("connection already closed"), "the connection was cut"),
        (AMQPError(), "the connection was cut"),
        (AccessRefused(LOGIN, (10, 50)), REFUSED_LOGIN),
        (NotAllowed("NOT_ALLOWED - vhost x not found"), "it refused the virtual host: NOT_ALLOWED - vhost x not found"),
        (
            ConnectionForced("CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"),
            "it ended the connection: CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
        ),
        (AMQPError("a " * 300, reply_code=541), ("a " * 100)),
    ],
)
def test_each_lost_connection_has_words(error: BaseException, words: str) -> None:
    assert lost_reason(error, BROKER) == words


def test_an_outage_lasts_from_the_first_failure_to_the_end() -> None:
    outage = Outage()
    assert outage.end(5.0) is None
    outage.begin(10.0)
    outage.begin(12.0)
    assert outage.end(17.5) == 7.5
    assert outage.end(20.0) is None
