"""The query parameters of the lists: filters, order and pages."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from concord_access import Scope
from concord_routing.domain.case import OUTCOMES, RECEIVED, ROUTED, STATES, STATUSES, TASK_KINDS
from concord_routing.domain.promise import STANDINGS
from concord_routing.ports import CaseFilter, DueCursor
from concord_web.pagination import Cursor, Paging
from concord_web.params import Parameter, Parameters, Values, one_of

PAGING = Paging(100, 1000, alias="after")
PAGING.cursor = replace(PAGING.cursor, schema={"type": "string"})

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPENED, DUE = "opened", "due"
SORT = one_of("sort", (OPENED, DUE), "by opening, or by promised response with cases without one last").with_default(
    OPENED
)
CHOICES = {
    "state": tuple(state for state in STATES if state != RECEIVED),  # routing opens no case for a received concern
    "status": STATUSES,
    "reason": tuple(outcome for outcome in OUTCOMES if outcome != ROUTED),
    "promise": STANDINGS,
}


def _filter(name: str) -> Parameter[str | None]:
    description = f"only cases with this {name}"
    if name in CHOICES:
        return one_of(name, CHOICES[name], description)
    return Parameter(name, description, {"type": "string"}, str, None)


FILTERS = {field.name: _filter(field.name) for field in fields(CaseFilter) if field.name not in ("is_open", "within")}
OPEN = one_of("open", ("true",), "only cases that have not ended")
MINE = one_of("mine", ("true",), "only cases assigned to you, instead of `assignee`")
KIND = one_of("kind", TASK_KINDS, "only tasks of this kind")
CASES = Parameters(*PAGING.parameters, SORT, *FILTERS.values(), OPEN, MINE)
TASKS = Parameters(*PAGING.parameters, KIND)


def read_filter(values: Values, within: Scope, subject: str) -> CaseFilter:
    """Return the filter for a sender, the `subject`. Raises Problem 400 for parameters that contradict each other."""
    chosen: dict[str, Any] = {name: values[parameter] for name, parameter in FILTERS.items()}
    if values[MINE] and chosen["assignee"]:
        raise values.problem(MINE, "Give mine or assignee, not both.")
    if values[MINE]:
        chosen["assignee"] = subject
    return CaseFilter(**chosen, is_open=values[OPEN] is not None, within=within)


def legacy_number(least: int = 0) -> Callable[[str], tuple[int]]:
    """Return a reader of the cursors before version 0.2: a whole number from `least`."""

    def read(cursor: str) -> tuple[int]:
        if not re.fullmatch(r"-?[0-9]{1,16}", cursor) or int(cursor) < least:
            raise ValueError("not a number")
        return (int(cursor),)

    return read


def _legacy_due(cursor: str) -> tuple[datetime | None, int]:
    """Reads the cursors before version 0.2, such as `none.12`: microseconds since 1970 and a place."""
    parts = re.fullmatch(r"(none|-?[0-9]{1,18})\.([0-9]{1,16})", cursor)
    if parts is None:
        raise ValueError("not a position")
    try:
        due = None if parts[1] == "none" else EPOCH + timedelta(microseconds=int(parts[1]))
        return due, int(parts[2])
    except OverflowError:
        raise ValueError("before year 1 or after year 9999") from None


BY_OPENING = Cursor(OPENED, int, legacy=legacy_number())
BY_DUE = Cursor(DUE, datetime | None, int, legacy=_legacy_due)
BY_TASK = Cursor("tasks", int, legacy=legacy_number())


def opening_position(values: Values, cursor: Cursor = BY_OPENING) -> int:
    """Return the place after which the page begins; 0 for the first page. Raises Problem 400."""
    position = PAGING.position(values, cursor)
    return position[0] if position else 0


def due_position(values: Values) -> DueCursor | None:
    """Return the position after which the page begins; None for the first page. Raises Problem 400."""
    position = PAGING.position(values, BY_DUE)
    return DueCursor(*position) if position else None
