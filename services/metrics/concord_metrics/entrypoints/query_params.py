"""What is asked of metrics: the parameters of a request, read strictly."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from concord_metrics.domain.aggregates import NONE
from concord_metrics.domain.period import Period, read_moment, read_period
from concord_web import Request, field_problem

NO_AREA = "_"
"""As `area` of a question: concerns without one, as in the routing keys."""
LONGEST_CODE = 64


def parameter(name: str, meaning: str, **schema: Any) -> Mapping[str, Any]:
    """One query parameter for OpenAPI."""
    return {"in": "query", "name": name, "description": meaning, "schema": {"type": "string", **schema}}


FROM = parameter("from", "first day (2026-11-22, the city's days) or moment (ISO 8601), included")
TO = parameter("to", "last day, included, or moment, excluded")
AREA = parameter("area", f"code of one area; `{NO_AREA}` for concerns without one", maxLength=LONGEST_CODE)
CATEGORY = parameter("category", "code of one category", maxLength=LONGEST_CODE)
AS_OF = parameter("as_of", "moment up to which open concerns have waited; now unless it is given")


def only(request: Request, parameters: Sequence[Mapping[str, Any]]) -> None:
    """Raises Problem 400 for a parameter that is unknown or repeated."""
    names = [each["name"] for each in parameters]
    for name in request.query:
        if name not in names:
            raise field_problem(name, f"Unknown parameter; {', '.join(names) or 'none'} can be used.")
        if len(request.query.all(name)) > 1:
            raise field_problem(name, "May be given once.")


def period(request: Request, zone: tzinfo) -> Period:
    """Raises BadPeriod."""
    return read_period(request.query.arg("from"), request.query.arg("to"), zone)


def code(request: Request, name: str) -> str | None:
    """An area's or category's code. Raises Problem 400 for one that is too long."""
    found = request.query.arg(name)
    if found and len(found) > LONGEST_CODE:
        raise field_problem(name, f"May have up to {LONGEST_CODE} characters.")
    return found


def area(request: Request) -> str | None:
    """The area as the sums know it: NONE for concerns without one."""
    found = code(request, "area")
    return NONE if found == NO_AREA else found


def as_of(request: Request, zone: tzinfo) -> datetime | None:
    """Raises BadPeriod."""
    return read_moment("as_of", request.query.arg("as_of"), zone)


def now() -> datetime:
    return datetime.now(UTC)
