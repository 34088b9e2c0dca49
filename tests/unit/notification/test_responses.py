"""Operators page through deliveries, which name nobody."""

from typing import Any

from concord_notification.notices.domain.delivery import State
from concord_notification.notices.entrypoints.responses import delivery_json
from concord_notification.notices.entrypoints.routes import POSITION
from concord_web.pagination import page_of


def test_pages_hold_each_delivery_once_and_nobody(scene: Any, given: Any) -> None:
    for number in range(5):
        scene.deliver(given.contact(f"c{number}"), given.routed(f"c{number}"))
    shown: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        rows = scene.store.deliveries(State.DUE, 3, POSITION.decode(cursor) if cursor else None)
        page, cursor = page_of(rows, 2, lambda row: POSITION.encode(row.due_at, row.id))
        shown += map(delivery_json, page)
    assert sorted(row["concern_id"] for row in shown) == [f"c{number}" for number in range(5)]
    assert {row["next_attempt_at"] for row in shown} == {scene.now}
    assert "example.org" not in repr(shown)
