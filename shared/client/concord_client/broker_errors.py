"""Errors of the broker and the network: which of them are permanent, and their reason in words."""

import re
import socket
import ssl
from typing import Any

from pika.adapters.utils.connection_workflow import AMQPConnectorException, AMQPConnectorStackTimeout
from pika.exceptions import (
    AMQPError,
    AMQPHeartbeatTimeout,
    AuthenticationError,
    ChannelClosedByBroker,
    ConnectionBlockedTimeout,
    IncompatibleProtocolError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from concord_client.errors import Refused

LOST = (AMQPError, AMQPConnectorException, OSError)
"""All that pika raises when a connection cannot be made or ends. Its AMQPConnectorException is no AMQPError."""
CONNECT_SECONDS = 5
ANSWER_SECONDS = 2 * CONNECT_SECONDS
"""Limit for a TCP connection, and for the whole of it with TLS and AMQP's handshake."""
NO_ACCESS, NOT_FOUND, PRECONDITION, NOT_ALLOWED = 403, 404, 406, 530
MAX_CHARACTERS = 200
CUT = "the connection was cut"
NO_TLS = "the port speaks no TLS: use a URL that begins with amqp://, or the port for TLS"
MAYBE_TLS = "does the port speak TLS (amqps://), or does the broker want a certificate of ours?"
ISSUERS, NAMES, EXPIRED = (2, 18, 19, 20, 21), (62, 64), 10
"""OpenSSL's codes for a certificate of an unknown CA, one for another host, and one that has ended."""
CLOSED_BY_BROKER = re.compile(r"ConnectionClosedByBroker: \((\d+)\) (['\"])(.*)\2", re.DOTALL)
"""pika's text for a connection that ends during the handshake. Without a match nobody said why: the network cut it."""
OPENSSL = re.compile(r"\[SSL: ([A-Z0-9_]+)\]")
"""OpenSSL's name of a fault, in pika's text for a connection that ends after TLS was agreed."""
HANDSHAKE = (IncompatibleProtocolError, ProbableAuthenticationError, ProbableAccessDeniedError)


class Interrupted(AMQPError):  # type: ignore[misc]
    """The broker ended the subscription but not the connection; the text says why."""


def permanent(error: BaseException, connected_before: bool) -> Refused | None:
    """Return the error for the service when a retry cannot help; None when it can."""
    code, text = reply(error)
    if isinstance(error, AuthenticationError) or (isinstance(error, ProbableAuthenticationError) and code == NO_ACCESS):
        return Refused("the broker refused the login: check user and secret in the URL, or ask city IT for a new one")
    if code == NOT_ALLOWED and "limit" not in text:  # a limit: another connection is ending, or the login is suspended
        return Refused(f"the broker refused the virtual host: check the URL's path ({text})")
    if code == NO_ACCESS or (code == PRECONDITION and not is_unacknowledged(error)):
        return Refused(f"the broker refused: {text}. Use the queue, types, areas and categories of your login's grant")
    if code == NOT_FOUND and not connected_before and ("no queue" in text or "no exchange" in text):
        return Refused(f"the broker has no such queue or exchange: {text}. Ask city IT for the names")
    return None


def is_unacknowledged(error: BaseException) -> bool:
    """Return whether the broker closed the channel because an acknowledgement did not come in time."""
    code, text = reply(error)
    return code == PRECONDITION and "timed out" in text


def ended(error: BaseException) -> bool:
    """Return whether the broker ended the subscription alone, while the connection was well."""
    return isinstance(error, Interrupted | ChannelClosedByBroker)


def reply(error: BaseException) -> tuple[int, str]:
    """Return code and text with which the broker closed channel or connection; 0 and "" when it did not."""
    if hasattr(error, "reply_code"):
        return int(error.reply_code), str(getattr(error, "reply_text", ""))
    found = CLOSED_BY_BROKER.search(str(error)) if isinstance(error, HANDSHAKE) else None
    return (int(found[1]), found[3]) if found else (0, "")


def accepted(error: BaseException) -> bool:
    """Return whether the broker took the TCP connection and then said nothing, or cut it during the handshake."""
    if openssl_fault(error):
        return False
    return isinstance(error, AMQPConnectorStackTimeout) or (isinstance(error, HANDSHAKE) and not reply(error)[0])


def openssl_fault(error: BaseException) -> str | None:
    """Return OpenSSL's name of the fault that ended the connection, such as TLSV1_ALERT_UNKNOWN_CA."""
    found = OPENSSL.search(str(error)) if isinstance(error, AMQPError) else None
    return found[1] if found and "CERTIFICATE_VERIFY_FAILED" not in found[1] else None


def failure_reason(error: BaseException) -> str:
    """Return why there is no connection, in words: the broker's own text, or what the network or TLS reports."""
    code, text = reply(error)
    if "connection limit" in text:
        return "the login is suspended, or has reached its connection limit"
    if is_unacknowledged(error):
        return "an event was not acknowledged in time, so the broker takes it back"
    if code:
        return text
    if isinstance(error, AMQPConnectorStackTimeout):
        return f"no answer within {ANSWER_SECONDS} s"
    if isinstance(error, AMQPHeartbeatTimeout):
        return "the broker fell silent"
    if isinstance(error, ConnectionBlockedTimeout):
        return "the broker accepts nothing: it lacks memory or disk space"
    if fault := openssl_fault(error):
        return _tls_reason(fault)
    if isinstance(error, IncompatibleProtocolError):
        return f"{CUT} during the handshake: {MAYBE_TLS}"
    if isinstance(error, HANDSHAKE):
        return f"{CUT} during the handshake"
    return _network_reason(innermost(error))


def _network_reason(cause: Any) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _certificate_reason(cause)
    if isinstance(cause, ssl.SSLError):
        return _tls_reason(str(getattr(cause, "reason", None) or "WRONG_VERSION_NUMBER").upper())
    if isinstance(cause, socket.gaierror):
        return "no such host"
    if isinstance(cause, TimeoutError) or type(cause).__name__.endswith("TimeoutError"):
        return f"no answer within {CONNECT_SECONDS} s"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror[0].lower() + cause.strerror[1:]
    text = " ".join(str(cause).split())
    if "EOF" in text or "reset by peer" in text or "connection lost" in text.lower() or not text:
        return CUT
    return text[:MAX_CHARACTERS]


def _certificate_reason(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in ISSUERS:
        return "no CA that we trust issued the broker's certificate: pass tls=Tls(ca_file=...) with its CA"
    if error.verify_code in NAMES:
        return "the broker's certificate is not for the host of the URL: use a host name that it holds"
    if error.verify_code == EXPIRED:
        return "the broker's certificate has expired: city IT has to renew it"
    return f"the broker's certificate is not valid: {error.verify_message}"


def _tls_reason(words: str) -> str:
    if "WRONG_VERSION_NUMBER" in words or "RECORD_LAYER_FAILURE" in words:
        return f"TLS failed: {NO_TLS}"
    if "CERTIFICATE_REQUIRED" in words or "HANDSHAKE_FAILURE" in words:
        return "the broker wants a certificate of ours: pass tls=Tls(certificate_file=..., key_file=...)"
    if "ALERT_CERTIFICATE_EXPIRED" in words:
        return "our certificate has expired: ask city IT for a new one"
    if "ALERT" in words and ("_CA" in words or "CERTIFICATE" in words):
        return "the broker does not trust our certificate: ask city IT for one of its CA"
    return f"TLS failed: {words.lower().replace('_', ' ')}"


def innermost(error: BaseException) -> Any:
    """Return the error of the network: pika wraps it several times, in `args` or in `exception`."""
    inner: Any = error
    while True:
        wrapped = getattr(inner, "exception", None) or next(iter(getattr(inner, "args", ())), None)
        if not isinstance(wrapped, BaseException):
            return inner
        inner = wrapped
