"""Pages of a list: the parameters `limit` and `cursor`, and `next` in the response.

PAGING = Paging(default=50, largest=200)
QUERY = Parameters(STATE, *PAGING.parameters)
BY_DUE_TIME = Cursor("due", datetime, str)

values = QUERY.read(request)
limit, after = values[PAGING.limit], PAGING.position(values, BY_DUE_TIME)
rows = store.deliveries(after, limit + 1)
rows, following = page_of(rows, limit, lambda row: BY_DUE_TIME.encode(row.due_at, row.id))
return json_response({"deliveries": [...], "next": following})
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from types import UnionType
from typing import Any, TypeVar

import orjson

from concord_contracts.fields import read_instant, write_instant
from concord_web import params
from concord_web.params import Parameter, Values

Row = TypeVar("Row")
Part = int | str | datetime | None
LONGEST_CURSOR = 1000
INVALID = "Must be the `next` of an earlier page of the same list and order. Leave it out to begin at the first page."


class Cursor:
    """The format of a position in a list that is ordered by a key of one or more parts.

    `order` names the list and its order, so that a cursor of another one is an error. Each part is an int, str or
    datetime; write `datetime | None` for a part that may be null. `legacy` reads the format of an earlier version and
    raises ValueError for another text.
    """

    def __init__(
        self, order: str, *kinds: type | UnionType, legacy: Callable[[str], tuple[Any, ...]] | None = None
    ) -> None:
        self._order = order
        self._kinds = kinds
        self._legacy = legacy

    def encode(self, *parts: Part) -> str:
        """Return the cursor of a position; clients must not look into it."""
        written = [{"at": write_instant(part)} if isinstance(part, datetime) else part for part in parts]
        return base64.urlsafe_b64encode(orjson.dumps([self._order, *written])).decode().rstrip("=")

    def decode(self, cursor: str) -> tuple[Any, ...]:
        """Return the parts of the position. Raises ValueError."""
        try:
            return self._decode(cursor)
        except ValueError:
            if self._legacy is not None:
                return self._legacy(cursor)
            raise

    def _decode(self, cursor: str) -> tuple[Any, ...]:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        order, *written = _list(orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)))
        parts = tuple(_part(value) for value in written)
        if order != self._order or len(parts) != len(self._kinds):
            raise ValueError("another order")
        if not all(isinstance(part, kind) for part, kind in zip(parts, self._kinds, strict=True)):
            raise ValueError("another kind of part")
        return parts


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError("not a list")
    return value


def _part(value: Any) -> Part:
    """Raise ValueError for a value that is not a part of a key, such as a text that a database cannot compare."""
    if isinstance(value, dict) and isinstance(value.get("at"), str):
        return read_instant(value["at"])
    if isinstance(value, bool) or not isinstance(value, int | str | None):
        raise ValueError("not a part")
    if isinstance(value, str) and not (value and value.isprintable()):
        raise ValueError("not printable")
    return value


class Paging:
    """The parameters `limit` and `cursor` of a list. `alias` is an earlier, deprecated name of `cursor`."""

    def __init__(self, default: int, largest: int, *, alias: str | None = None) -> None:
        limit = params.integer("limit", "most entries on a page", least=1, most=largest)
        cursor = params.text("cursor", "`next` of the page before", max_length=LONGEST_CURSOR)
        self.limit: Parameter[int] = limit.with_default(default)
        self.cursor: Parameter[str | None] = cursor.with_alias(alias) if alias else cursor

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        return self.limit, self.cursor

    def position(self, values: Values, cursor: Cursor) -> tuple[Any, ...] | None:
        """Return the position to go on from; None for the first page. Raises Problem 400."""
        given = values[self.cursor]
        try:
            return None if given is None else cursor.decode(given)
        except ValueError:
            raise values.problem(self.cursor, INVALID) from None


def page_of(rows: Sequence[Row], limit: int, cursor_of: Callable[[Row], str]) -> tuple[list[Row], str | None]:
    """Return a page and the cursor of the next one, from rows that were read with `limit + 1`.

    The cursor is None on the last page.
    """
    following = cursor_of(rows[limit - 1]) if len(rows) > limit else None
    return list(rows[:limit]), following
