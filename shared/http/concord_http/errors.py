"""Errors of requests. Each text is a reason that can follow a colon: "connection refused"."""

import http.client

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.exceptions import TimeoutError as UrllibTimeoutError

from concord_http.tls import ALERT, tls_fault

EXCERPT_CHARACTERS = 1000


class HttpError(Exception):
    """The base of all errors of this package."""


class InvalidRequestError(HttpError):
    """The path or a header holds characters that HTTP does not allow; nothing was sent."""


class UnreachableError(HttpError):
    """No connection, or it broke before the response was complete."""


class RequestTimeoutError(HttpError):
    """The server was silent for too long, or the whole request took too long."""


class InvalidResponseError(HttpError):
    """The response is not HTTP, or not what its caller can read."""


class ResponseTooLargeError(InvalidResponseError):
    """The body is larger than the client's limit."""


class InvalidJsonError(InvalidResponseError):
    """The body is not JSON."""


class UnexpectedStatusError(HttpError):
    """The server answered with a status that its caller does not expect."""

    def __init__(self, status: int, body: bytes) -> None:
        text = excerpt(body)
        super().__init__(f"unexpected status {status}" + (f": {text}" if text else ""))
        self.status = status
        self.excerpt = text


def excerpt(body: bytes) -> str:
    """Return the beginning of a body as text for an error message."""
    return body[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace").strip()[:EXCERPT_CHARACTERS]


def translated(error: Exception, host: str, ca_variable: str | None = None) -> HttpError:
    """Return the error of this package for one of urllib3, http.client or the operating system.

    See `tls_fault` for the other arguments.
    """
    if isinstance(error, NameResolutionError):
        return UnreachableError("host name not found")
    if isinstance(error, NewConnectionError):
        return UnreachableError(_reason(error.__cause__))
    if isinstance(error, ConnectTimeoutError):
        return RequestTimeoutError("timed out while connecting")
    if isinstance(error, UrllibTimeoutError | TimeoutError):
        return RequestTimeoutError("timed out waiting for data")
    cause = error.args[-1] if isinstance(error, HTTPError) and error.args else error
    if fault := tls_fault(cause, host, ca_variable):
        return UnreachableError(fault)
    if isinstance(cause, OSError):
        return UnreachableError(_reason(cause))
    if isinstance(error, http.client.IncompleteRead) or isinstance(cause, http.client.IncompleteRead):
        return UnreachableError("connection closed before the response was complete")
    if isinstance(error, http.client.InvalidURL | ValueError):
        return InvalidRequestError("the path or a header holds characters that HTTP does not allow")
    if isinstance(error, http.client.BadStatusLine) and ALERT.decode("latin-1") in str(error):
        return InvalidResponseError("the port speaks TLS: use https://")
    return InvalidResponseError("response is not HTTP")


def _reason(error: BaseException | None) -> str:
    if isinstance(error, http.client.RemoteDisconnected):
        return "connection closed without a response"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "connection closed by the server"
    text = getattr(error, "strerror", None) or type(error).__name__
    return f"no connection ({text})"
