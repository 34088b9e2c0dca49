"""Which cases and tasks are asked for, in which order, from where on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from concord_access import Scope
from concord_routing.domain.case import OUTCOMES, ROUTED, STATUSES
from concord_routing.domain.promise import STANDINGS
from concord_routing.domain.workflow import RECEIVED, STATES
from concord_routing.ports import DuePlace, Filter
from concord_web import Request, field_problem

LARGEST_PAGE = 1000
DEFAULT_PAGE = 100
OPENED, DUE = SORTS = ("opened", "due")
FILTERS = tuple(field.name for field in fields_of(Filter) if field.name != "within")
CHOICES = {
    "state": tuple(each for each in STATES if each != RECEIVED),
    "status": STATUSES,
    "reason": tuple(each for each in OUTCOMES if each != ROUTED),
    "promise": STANDINGS,
}
"""Filters that know their values. What is only received has no case yet."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(none|-?[0-9]{1,18})\.([0-9]{1,16})")

Place = TypeVar("Place", int, DuePlace)
Row = TypeVar("Row")


def page_of(found: Sequence[tuple[Place, Row]], limit: int) -> tuple[list[Row], str | None]:
    """The rows of a page and the cursor of what follows, from rows of which one more than `limit` was asked for."""
    following = cursor(found[limit - 1][0]) if len(found) > limit else None
    return [row for _, row in found[:limit]], following


def check_names(request: Request, others: Sequence[str] = ()) -> None:
    """Raises Problem 400 naming a parameter that is unknown or repeated."""
    known = ("after", "limit", *others)
    for name in request.query:
        if name not in known:
            raise field_problem(name, f"Unknown parameter; {', '.join(known)} can be used.")
        if len(request.query.all(name)) > 1:
            raise field_problem(name, "May be given once.")


def limit_of(request: Request) -> int:
    return request.query.integer("limit", DEFAULT_PAGE, least=1, most=LARGEST_PAGE)


def sort_of(request: Request) -> str:
    """One of SORTS. Raises Problem 400 for another."""
    return _chosen(request, "sort", SORTS) or OPENED


def opened_after(request: Request) -> int:
    """`after` for the order of opening. Raises Problem 400."""
    return request.query.integer("after", 0)


def due_after(request: Request) -> DuePlace | None:
    """`after` for the order of promised responses. Raises Problem 400."""
    given = request.query.arg("after")
    if given is None:
        return None
    written = _CURSOR.fullmatch(given)
    try:
        if written:
            due = None if written[1] == "none" else EPOCH + int(written[1]) * MICROSECOND
            return DuePlace(due, int(written[2]))
    except OverflowError:  # before year 1 or after year 9999
        pass
    raise field_problem("after", "Give the `next` of the page before, with the same sort.")


def cursor(place: int | DuePlace) -> str:
    """A place as it is given out and taken back."""
    if isinstance(place, int):
        return str(place)
    due = "none" if place.respond_by is None else (place.respond_by - EPOCH) // MICROSECOND
    return f"{due}.{place.seq}"


def wanted_cases(request: Request, within: Scope) -> Filter:
    """The filter as asked for, within what the asker may see.

    Raises Problem 400 for a state, status or reason that there is not.
    """
    for name, values in CHOICES.items():
        _chosen(request, name, values)
    return Filter(**{name: request.query.arg(name) for name in FILTERS}, within=within)


def _chosen(request: Request, name: str, values: Sequence[str]) -> str | None:
    given = request.query.arg(name)
    if given is not None and given not in values:
        raise field_problem(name, f"Must be one of: {', '.join(values)}.")
    return given


def paging_parameters() -> list[Mapping[str, Any]]:
    whole = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE}
    return [
        parameter("after", "the `next` of the page before", {"type": "string"}),
        parameter("limit", "how many at most", whole),
    ]


def case_parameters() -> list[Mapping[str, Any]]:
    schemas = {
        name: {"type": "string"} | ({"enum": list(CHOICES[name])} if name in CHOICES else {}) for name in FILTERS
    }
    order = "as they were opened, or by the promised time of the response; those without one last"
    return [
        *paging_parameters(),
        parameter("sort", order, {"type": "string", "enum": list(SORTS), "default": OPENED}),
        *(parameter(name, f"only cases with this {name}", schema) for name, schema in schemas.items()),
    ]


def parameter(name: str, meaning: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"in": "query", "name": name, "description": meaning, "schema": schema}
