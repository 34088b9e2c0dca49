"""How refusals are answered over HTTP: rows for a service's table of problems."""

from collections.abc import Callable, Mapping
from typing import Any

from concord_access.domain.errors import NotAllowed, NotAuthenticated, SigningKeysUnavailable
from concord_web import Problem

REALM = 'Bearer realm="concord"'


def unauthenticated(error: NotAuthenticated) -> Problem:
    """401, with the challenge of RFC 6750."""
    challenge = f'{REALM}, error="invalid_token"' if error.sent else REALM
    return Problem(401, detail=str(error), headers={"WWW-Authenticate": challenge})


def refused(error: NotAllowed) -> Problem:
    """403, naming the action and what of a grant is missing for it."""
    missing = [str(lack) for lack in error.missing]
    return Problem(403, detail=str(error), extra={"action": error.action, "missing": missing})


def signing_keys_unavailable(_: SigningKeysUnavailable) -> Problem:
    """503: the token may be good, but nothing is there to judge it by."""
    detail = "The keys of the tokens' issuer cannot be read for the moment. Try again in a minute."
    return Problem(503, detail=detail, headers={"Retry-After": "60"})


ACCESS_PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    NotAuthenticated: unauthenticated,
    NotAllowed: refused,
    SigningKeysUnavailable: signing_keys_unavailable,
}
"""`problems = PROBLEMS.extend(ACCESS_PROBLEMS)` in a service's class."""
