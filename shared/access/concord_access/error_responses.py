"""HTTP responses to access errors: rows for a service's table of problems."""

from collections.abc import Callable, Mapping
from typing import Any

from concord_access.domain.errors import NotAllowed, NotAuthenticated, SigningKeysUnavailable
from concord_web import Problem

REALM = 'Bearer realm="concord"'


def unauthenticated(error: NotAuthenticated) -> Problem:
    """Return 401 with the challenge of RFC 6750."""
    challenge = f'{REALM}, error="invalid_token"' if error.sent else REALM
    return Problem(401, detail=str(error), headers={"WWW-Authenticate": challenge})


def refused(error: NotAllowed) -> Problem:
    """Return 403 with the action and the missing part of the grant."""
    missing = [str(lack) for lack in error.missing]
    return Problem(403, detail=str(error), extra={"action": error.action, "missing": missing})


def signing_keys_unavailable(_: SigningKeysUnavailable) -> Problem:
    """Return 503: the token may be valid, but no key can verify it now."""
    detail = "The keys of the tokens' issuer are not available. Try again in a minute."
    return Problem(503, detail=detail, headers={"Retry-After": "60"})


ACCESS_PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    NotAuthenticated: unauthenticated,
    NotAllowed: refused,
    SigningKeysUnavailable: signing_keys_unavailable,
}
"""Extend a service's table with it: `problems = PROBLEMS.extend(ACCESS_PROBLEMS)`."""
