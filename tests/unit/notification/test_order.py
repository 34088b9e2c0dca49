"""Whatever the order of arrival and however often each event comes, the same notices are due."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

from concord_contracts import Event


def test_contact_before_and_after_the_decision(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"))
    assert scene.notices == []
    scene.deliver(given.routed("a"), given.routed("b"))
    assert [each.concern_id for each in scene.notices] == ["a"]
    scene.deliver(given.contact("b"))
    assert [each.concern_id for each in scene.notices] == ["a", "b"]


def test_a_later_decision_overtakes_a_notice_that_was_not_sent(scene: Any, given: Any) -> None:
    later = given.routed("a", sequence=2)
    scene.deliver(given.contact("a"), given.unroutable("a"), later)
    assert [each.cause_id for each in scene.notices] == [later.id]


def test_an_older_decision_that_comes_late_changes_nothing(scene: Any, given: Any) -> None:
    later = given.routed("a", sequence=2)
    scene.deliver(given.contact("a"), later)
    scene.deliver(given.unroutable("a"))
    assert [each.cause_id for each in scene.notices] == [later.id]


def test_a_new_contact_replaces_the_old_one_before_sending(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a", email="old@example.org"), given.routed("a"))
    scene.deliver(given.contact("a", sequence=4, email="new@example.org"))
    scene.dispatcher.run_once()
    assert [each.recipient for each in scene.mailer.sent] == ["new@example.org"]


def test_a_decision_after_the_mail_went_out_makes_another_one_due(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"), given.unroutable("a"))
    scene.dispatcher.run_once()
    scene.deliver(given.routed("a", sequence=2))
    scene.dispatcher.run_once()
    assert [each.subject for each in scene.mailer.sent] == [
        "We have your concern: a person is finding out who can help",
        "We have your concern: it is with District D-4",
    ]
    assert [each.sequence for each in scene.bus.published] == [1, 2]


@pytest.mark.parametrize("contact_first", [True, False])
def test_due_since_both_came_to_be_not_since_they_arrived(scene: Any, given: Any, contact_first: bool) -> None:
    pair = [given.contact("a"), given.routed("a")]
    began = scene.now
    scene.later(30)
    for each in pair if contact_first else reversed(pair):
        scene.deliver(each)
    assert [each.due_at for each in scene.notices] == [began]


def test_a_clock_ahead_of_ours_puts_nothing_off(scene: Any, given: Any) -> None:
    scene.later(-30)
    scene.deliver(given.contact("a"), given.routed("a"))
    assert [(each.due_at, each.not_before) for each in scene.notices] == [(scene.now, scene.now)]


def state(scene: Any) -> Any:
    notices = {each.id: each for each in scene.notices}
    opened = {each: scene.vault.open(contact.sealed) for each, contact in scene.store.contacts.items()}
    return notices, scene.store.decisions, opened


def events(given: Any) -> list[Event[Any]]:
    """Four concerns: routed; unroutable, then routed; two contacts; no contact."""
    return [
        *(given.contact("a"), given.routed("a")),
        *(given.contact("b", language="es-MX"), given.unroutable("b"), given.routed("b", sequence=2)),
        *(given.contact("c"), given.contact("c", sequence=4, email=None, phone="617-555-0101"), given.routed("c")),
        *(given.unroutable("d"), given.routed("d", sequence=2)),
    ]


@settings(max_examples=40, deadline=None)
@example(data=st.data())
def test_any_order_with_duplicates_in_any_batches_ends_the_same(
    data: st.DataObject, new_scene: Callable[[], Any], given: Any
) -> None:
    once = events(given)
    straight = new_scene()
    straight.deliver(*once)
    shuffled = data.draw(st.permutations(once + data.draw(st.lists(st.sampled_from(once), max_size=6))))
    scene = new_scene()
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        scene.deliver(*shuffled[:size])
        shuffled = shuffled[size:]
    assert state(scene) == state(straight)
    assert len(scene.notices) == 3
