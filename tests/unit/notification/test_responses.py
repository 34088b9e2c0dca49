"""Operators page through deliveries; a cursor that no page gave is refused."""

from typing import Any

import pytest

from concord_notification.notices.domain.delivery import State
from concord_notification.notices.entrypoints.responses import BadCursor, page_of


def test_pages_hold_each_delivery_once_and_nobody(scene: Any, given: Any) -> None:
    for number in range(5):
        scene.deliver(given.contact(f"c{number}"), given.routed(f"c{number}"))
    shown: list[Any] = []
    cursor: str | None = None
    while True:
        page = page_of(scene.store, State.DUE, 2, cursor)
        shown += page.as_dict()["deliveries"]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(each["concern_id"] for each in shown) == [f"c{number}" for number in range(5)]
    assert {each["next_attempt_at"] for each in shown} == {scene.now}
    assert "example.org" not in repr(shown)


def test_a_full_last_page_has_no_next(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"), given.routed("a"))
    assert page_of(scene.store, State.DUE, 1, None).next is None
    assert page_of(scene.store, State.FAILED, 1, None).as_dict() == {"deliveries": [], "next": None}


@pytest.mark.parametrize("cursor", ["x", "é", "!!!", "MjAyNg", "MjAyNi0xMS0yM1QxNTowMDowMCBh", "//8"])
def test_cursors_nobody_gave(scene: Any, cursor: str) -> None:
    with pytest.raises(BadCursor):
        page_of(scene.store, State.DUE, 1, cursor)
