"""Classifies broker errors: permanent ones, and temporary ones that a retry can solve."""

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


def permanent(error: AMQPError | OSError, connected_before: bool) -> Refused | None:
    """Return the error for the service when a retry cannot help; None when it can."""
    if isinstance(error, AuthenticationError | ProbableAuthenticationError):
        return Refused("the broker refused the login: check user and secret in the URL, or ask city IT for a new one")
    if isinstance(error, ProbableAccessDeniedError) or _code(error) == NOT_ALLOWED:
        if "limit" in str(error):
            return None  # an earlier connection of this login is ending, or the login is suspended for a while
        return Refused(f"the broker refused the virtual host: check the URL's path ({_text(error)})")
    if _code(error) in (NO_ACCESS, OTHER_ARGUMENTS):
        return Refused(
            f"the broker refused: {_text(error)}. Use the queue, types, areas and categories of your login's grant"
        )
    if _code(error) == NOT_FOUND and not connected_before:
        return Refused(f"the broker has no such queue or exchange: {_text(error)}. Ask city IT for the names")
    return None


def reason(error: AMQPError | OSError) -> str:
    """Return a short reason for a missing connection."""
    if "connection limit" in str(error):
        return "the login is suspended, or has reached its connection limit"
    return type(error).__name__


def _code(error: Exception) -> int:
    closed = isinstance(error, ChannelClosedByBroker | ConnectionClosedByBroker)
    return int(error.reply_code) if closed else 0  # type: ignore[attr-defined]


def _text(error: Exception) -> str:
    return str(getattr(error, "reply_text", "") or error)
