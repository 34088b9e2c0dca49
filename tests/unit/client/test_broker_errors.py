"""Which errors of the broker are permanent, and the reason of each in words."""

import socket
import ssl

import pytest
from pika.adapters.utils.connection_workflow import AMQPConnectorSocketConnectError, AMQPConnectorStackTimeout
from pika.exceptions import (
    AMQPConnectionError,
    AMQPHeartbeatTimeout,
    ChannelClosedByBroker,
    ConnectionBlockedTimeout,
    ConnectionClosedByBroker,
    IncompatibleProtocolError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
    StreamLostError,
)

from concord_client.broker_errors import MAYBE_TLS, NO_TLS, accepted, ended, failure_reason, permanent

CUT = repr(StreamLostError("Transport indicated EOF"))
REQUIRED = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
ALERT = repr(StreamLostError(f"Stream connection lost: {REQUIRED!r}"))
STOPPING = repr(ConnectionClosedByBroker(320, "CONNECTION_FORCED - broker forced connection closure"))
LOGIN = repr(ConnectionClosedByBroker(403, "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN."))
VHOST = repr(ConnectionClosedByBroker(530, "NOT_ALLOWED - vhost city not found"))
LIMIT = repr(ConnectionClosedByBroker(530, "NOT_ALLOWED - connection refused for user 'parks': user connection limit"))
UNACKNOWLEDGED = ChannelClosedByBroker(406, "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out.")
EXPIRED = ssl.SSLCertVerificationError(1, "certificate verify failed")
EXPIRED.verify_message, EXPIRED.verify_code = "certificate has expired", 10


def unconnected(cause: Exception) -> AMQPConnectionError:
    """As pika wraps it."""
    return AMQPConnectionError(AMQPConnectorSocketConnectError(cause))


PASSING = {
    "a silent broker": (AMQPConnectorStackTimeout("timeout"), "no answer within 10 s"),
    "a silent host": (unconnected(TimeoutError("TCP connection attempt timed out")), "no answer within 5 s"),
    "heartbeats": (AMQPHeartbeatTimeout("no activity"), "the broker fell silent"),
    "blocked": (ConnectionBlockedTimeout(), "the broker accepts nothing: it lacks memory or disk space"),
    "no host": (unconnected(socket.gaierror(-2, "Name or service not known")), "no such host"),
    "refused": (unconnected(ConnectionRefusedError(111, "Connection refused")), "connection refused"),
    "expired": (unconnected(EXPIRED), "the broker's certificate has expired: city IT has to renew it"),
    "no TLS": (unconnected(ssl.SSLError(1, "x")), f"TLS failed: {NO_TLS}"),
    "cut": (StreamLostError("Transport indicated EOF"), "the connection was cut"),
    "cut at the header": (
        IncompatibleProtocolError(CUT),
        f"the connection was cut during the handshake: {MAYBE_TLS}",
    ),
    "no certificate": (
        IncompatibleProtocolError(ALERT),
        "the broker wants a certificate of ours: pass tls=Tls(certificate_file=..., key_file=...)",
    ),
    "cut at the login": (ProbableAuthenticationError(CUT), "the connection was cut during the handshake"),
    "cut at the virtual host": (ProbableAccessDeniedError(CUT), "the connection was cut during the handshake"),
    "stopping": (ProbableAuthenticationError(STOPPING), "CONNECTION_FORCED - broker forced connection closure"),
    "limit": (ProbableAccessDeniedError(LIMIT), "the login is suspended, or has reached its connection limit"),
    "too late": (UNACKNOWLEDGED, "an event was not acknowledged in time, so the broker takes it back"),
    "node away": (
        ChannelClosedByBroker(404, "NOT_FOUND - home node of durable queue 'q' is down or inaccessible"),
        "NOT_FOUND - home node of durable queue 'q' is down or inaccessible",
    ),
}
LASTING = {
    "login": (ProbableAuthenticationError(LOGIN), "refused the login"),
    "virtual host": (ProbableAccessDeniedError(VHOST), "refused the virtual host"),
    "grant": (ChannelClosedByBroker(403, "ACCESS_REFUSED - access to topic"), "Use the queue, types, areas"),
    "arguments": (ChannelClosedByBroker(406, "PRECONDITION_FAILED - inequivalent arg"), "the broker refused"),
    "no queue": (ChannelClosedByBroker(404, "NOT_FOUND - no queue 'q' in vhost '/'"), "no such queue"),
}


@pytest.mark.parametrize(("error", "reason"), PASSING.values(), ids=PASSING)
def test_what_passes_is_tried_again_and_named_in_words(error: Exception, reason: str) -> None:
    assert permanent(error, connected_before=False) is None
    assert failure_reason(error) == reason


@pytest.mark.parametrize(("error", "said"), LASTING.values(), ids=LASTING)
def test_what_lasts_ends_the_subscriber_with_a_remedy(error: Exception, said: str) -> None:
    assert said in str(permanent(error, connected_before=False))


def test_a_queue_that_was_there_may_come_back() -> None:
    assert permanent(LASTING["no queue"][0], connected_before=True) is None


def test_a_broker_that_took_the_connection_is_told_from_one_that_is_away() -> None:
    assert accepted(PASSING["a silent broker"][0])
    assert accepted(PASSING["cut at the login"][0])
    assert not accepted(PASSING["refused"][0])
    assert not accepted(LASTING["login"][0])


def test_an_ended_subscription_is_told_from_a_lost_connection() -> None:
    assert ended(UNACKNOWLEDGED)
    assert not ended(StreamLostError("Transport indicated EOF"))
