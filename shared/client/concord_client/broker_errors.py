"""Telling a broker that is away for now from one that will never let this subscriber in."""

from pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from concord_client.errors import Refused

NO_ACCESS, NOT_FOUND, OTHER_ARGUMENTS, NOT_ALLOWED = 403, 404, 406, 530


def refusal(error: AMQPError | OSError, connected_before: bool) -> Refused | None:
    """What to tell the service when trying again is of no use; None when it is."""
    if isinstance(error, AuthenticationError | ProbableAuthenticationError):
        return Refused("the broker refused the login: check user and secret in the URL, or ask city IT for a new one")
    if isinstance(error, ProbableAccessDeniedError) or _code(error) == NOT_ALLOWED:
        if "limit" in str(error):
            return None  # an earlier connection of this login is about to end, or the login suspended for a while
        return Refused(f"the broker refused the virtual host: check the URL's path ({_text(error)})")
    if _code(error) in (NO_ACCESS, OTHER_ARGUMENTS):
        return Refused(
            f"the broker refused: {_text(error)}. Name the queue, types, areas and categories your login was granted"
        )
    if _code(error) == NOT_FOUND and not connected_before:
        return Refused(f"there is none such: {_text(error)}. Ask city IT for the names")
    return None


def passing(error: AMQPError | OSError) -> str:
    """Why there is no connection now, in short."""
    if "connection limit" in str(error):
        return "the login is suspended, or has all the connections it may have"
    return type(error).__name__


def _code(error: Exception) -> int:
    closed = isinstance(error, ChannelClosedByBroker | ConnectionClosedByBroker)
    return int(error.reply_code) if closed else 0  # type: ignore[attr-defined]


def _text(error: Exception) -> str:
    return str(getattr(error, "reply_text", "") or error)
