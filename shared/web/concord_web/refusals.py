"""The problems of a server that has no room for a connection or a request."""

from __future__ import annotations

from concord_web.problem import Problem

RETRY_AFTER = "5"


def full() -> Problem:
    """Return the 503 of a server whose connections are all at work."""
    return Problem(
        503, detail="Too many connections. Try again in a few seconds.", headers={"Retry-After": RETRY_AFTER}
    )


def over_share() -> Problem:
    """Return the 429 for a client with its whole share of connections."""
    return Problem(
        429,
        detail="Too many connections from your address. Close some, or try again in a few seconds.",
        headers={"Retry-After": RETRY_AFTER},
    )
