"""The reason of a lost connection to the broker, in words."""

import socket

from amqp.exceptions import AMQPError

ACCESS_REFUSED, CONNECTION_FORCED, NOT_ALLOWED = 403, 320, 530
CUT = "the connection was cut"
MAX_CHARACTERS = 200


def lost_words(error: BaseException, host: str, port: int, seconds: float) -> str:
    """Return why a connection to a port failed or broke, with a remedy where there is one.

    `seconds` was the limit for connecting.
    TLS has words of its own in `concord_http.tls`.
    """
    if isinstance(error, AMQPError):
        return _of_the_broker(error)
    if isinstance(error, socket.gaierror):
        return f"no such host: {host}"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {host}:{port}"
    if isinstance(error, ConnectionError):
        return CUT
    if isinstance(error, TimeoutError) and not error.strerror:
        return f"no answer within {seconds:g} s"
    return _of_the_system(error)


def _of_the_broker(error: AMQPError) -> str:
    code, words = error.reply_code or 0, " ".join(str(error.reply_text or "").split())[:MAX_CHARACTERS]
    if code == ACCESS_REFUSED and "login" in words.lower():
        return "it refused the login: correct CONCORD_BROKER_URL, or run `concord topology apply`"
    if code == NOT_ALLOWED:
        return f"it refused the virtual host: {words}"
    if code == CONNECTION_FORCED:
        return f"it ended the connection: {words}"
    return words if code and words else CUT


def _of_the_system(error: BaseException) -> str:
    words = getattr(error, "strerror", None) or str(error)
    if not words or "closed" in words:
        return CUT
    return str(words[0].lower() + words[1:])[:MAX_CHARACTERS]
