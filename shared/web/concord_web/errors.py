"""The error table of a service: one row from each exception class to a problem (RFC 9457).

problems = error_table(
    ACCESS_PROBLEMS,
    {NoSuchCase: problem_row(404, "There is no case with this id; see /v1/cases."), Stale: stale},
    unavailable=ResourceUnavailable,
)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow

from concord_web.problem import Problem, Row, problem_from_marshmallow

RETRY_AFTER = 5
UNAVAILABLE = (
    "The {resource} is temporarily unavailable. Try again in a few seconds."
    " If you sent an Idempotency-Key, send the same key again: the request takes effect only once."
)


class ProblemTable:
    """Maps exception classes to problems; the nearest base class wins.

    A bare status never sends the text of the exception: only a function chooses words to show.
    """

    def __init__(self, rows: Mapping[type[Exception], Row]) -> None:
        self._rows = dict(rows)

    def extend(self, rows: Mapping[type[Exception], Row]) -> ProblemTable:
        """Return a new table with these rows added or replaced."""
        return ProblemTable({**self._rows, **rows})

    def find(self, error: BaseException) -> Problem | None:
        """Return the problem for `error`; None for an error without a row."""
        for cls in type(error).__mro__:
            row = self._rows.get(cls)
            if row is not None:
                return Problem(row) if isinstance(row, int) else row(error)
        return None


def error_table(*tables: Mapping[type[Exception], Row], unavailable: type[Exception] | None = None) -> ProblemTable:
    """Build a service's table from these rows; later rows replace earlier ones.

    `unavailable` is the exception for a database or broker that is away. Its attribute `resource` names it.
    """
    rows: dict[type[Exception], Row] = {} if unavailable is None else {unavailable: resource_unavailable}
    for table in tables:
        rows.update(table)
    return PROBLEMS.extend(rows)


def problem_row(status: int, detail: str) -> Callable[[Any], Problem]:
    """Return a row with the same status and detail for every exception of its class."""
    return lambda error: Problem(status, detail=detail)


def service_unavailable(detail: str, retry_after: int = RETRY_AFTER) -> Problem:
    """Return a 503 with Retry-After in seconds."""
    return Problem(503, detail=detail, headers={"Retry-After": str(retry_after)})


def resource_unavailable(error: Any) -> Problem:
    """Return the 503 for an exception with a `resource`. A lost commit may have taken effect: see its detail."""
    return service_unavailable(UNAVAILABLE.format(resource=error.resource))


PROBLEMS = ProblemTable(
    {
        Problem: lambda error: error,
        marshmallow.ValidationError: lambda error: problem_from_marshmallow(error.messages),
    }
)
