"""Deliveries as operators see them: no name, no address, in pages."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from concord_contracts.fields import read_instant
from concord_notification.notices.domain.delivery import MEDIUM, Delivery, State
from concord_notification.notices.ports import Store


class BadCursor(ValueError):
    """The cursor is not one that a page gave. Remedy: begin again without it."""


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the cursor of the following page, None on the last."""

    deliveries: list[Delivery]
    next: str | None

    def as_dict(self) -> Mapping[str, Any]:
        return {"deliveries": [shown(each) for each in self.deliveries], "next": self.next}


def page_of(store: Store, state: State, limit: int, cursor: str | None) -> Page:
    """One page, the latest due first. Raises BadCursor."""
    found = store.deliveries(state, limit + 1, read_cursor(cursor) if cursor else None)
    more = len(found) > limit
    return Page(found[:limit], write_cursor(found[limit - 1]) if more else None)


def shown(delivery: Delivery) -> dict[str, Any]:
    waiting = delivery.state is State.DUE
    return {
        "id": delivery.id,
        "concern_id": delivery.concern_id,
        "notice": delivery.notice,
        "medium": MEDIUM,
        "language": delivery.language,
        "state": delivery.state.value,
        "reason": delivery.failure.value if delivery.failure else None,
        "cause_id": delivery.cause_id,
        "due_at": delivery.due_at,
        "next_attempt_at": delivery.not_before if waiting else None,
        "finished_at": delivery.finished_at,
        "attempts": delivery.attempts,
        "uncertain": delivery.uncertain,
    }


def write_cursor(delivery: Delivery) -> str:
    return write_place(delivery.due_at, delivery.id)


def write_place(moment: datetime, row_id: str) -> str:
    """The cursor of a place in a list that is ordered by moment and id."""
    place = f"{moment.astimezone(UTC).isoformat()} {row_id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """Moment and id, as `write_place` was given them. Raises BadCursor."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        moment, _, row_id = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
        return read_instant(moment), _plain(row_id)
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error


def _plain(row_id: str) -> str:
    """Raises ValueError for what no id is, and PostgreSQL would not even compare."""
    if not row_id.isprintable() or not row_id:
        raise ValueError
    return row_id
