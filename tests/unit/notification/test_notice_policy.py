"""What is done about a concern is told once, in the officer's words, and nothing that is no longer so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

from concord_contracts import Event
from concord_contracts.messages import NotificationDelivered

WORDED = ("updated", "referred", "resolved", "declined")


def send(scene: Any) -> list[str]:
    """Send all that is due now and whatever is due within a minute; the subjects so far."""
    scene.dispatcher.run_once()
    scene.later(60)
    scene.dispatcher.run_once()
    return [each.subject for each in scene.mailer.sent]


def told(scene: Any) -> set[str]:
    return {each.notice for each in scene.notices}


@pytest.mark.parametrize("what", WORDED)
@pytest.mark.parametrize("word_first", [True, False])
def test_the_officers_words_go_out_with_the_event(scene: Any, given: Any, what: str, word_first: bool) -> None:
    event = given.worked(what, "a", 2)
    pair = [event, given.word(event, "The lamp has a new bulb.")]
    scene.deliver(given.contact("a"))
    for each in reversed(pair) if word_first else pair:
        assert scene.notices == []
        scene.deliver(each)
    send(scene)
    [mail] = scene.mailer.sent
    assert "    The lamp has a new bulb.\n" in mail.body
    [published] = scene.published
    assert isinstance(published, NotificationDelivered)
    assert published.notice == {"updated": "update"}.get(what, what)
    assert published.cause_id == event.id


def test_the_whole_of_a_case_is_told_step_by_step(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"), given.routed("a"))
    send(scene)
    for number, event in enumerate(
        (
            given.worked("acknowledged", "a", 2),
            given.worked("reassigned", "a", 3),
            given.renegotiated("a", 5),
            given.worked("resolved", "a", 7),
            given.worked("reopened", "a", 9),
        ),
        start=2,
    ):
        scene.deliver(event)
        if number in (4, 5):
            scene.deliver(given.word(event))
        assert len(send(scene)) == number
    assert [each.notice for each in scene.published] == [
        *("acknowledgement", "acknowledged", "reassigned", "renegotiated", "resolved", "reopened")
    ]
    assert [each.sequence for each in scene.bus.published] == [1, 2, 3, 4, 5, 6]


def test_notices_of_one_concern_that_go_out_together_bear_rising_numbers(scene: Any, given: Any) -> None:
    scene.later(600)
    scene.deliver(given.contact("a"), given.routed("a"), given.worked("acknowledged", "a", 2))
    scene.dispatcher.run_once()
    assert [each.notice for each in scene.published] == ["acknowledgement", "acknowledged"]
    assert [each.sequence for each in scene.bus.published] == [1, 2]


def test_an_acknowledgement_is_not_sent_after_the_resolution(scene: Any, given: Any) -> None:
    event = given.worked("resolved", "a", 2)
    scene.deliver(event, given.word(event), given.contact("a"), given.routed("a"))
    assert told(scene) == {"resolved"}


def test_a_resolution_whose_words_have_not_come_still_stops_the_acknowledgement(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"), given.routed("a"))
    scene.deliver(given.worked("resolved", "a", 2))
    assert scene.notices == []
    assert scene.counted("overtaken") == 0


def test_an_updates_words_are_told_whatever_happened_since(scene: Any, given: Any) -> None:
    scene.later(600)
    update, end = given.worked("updated", "a", 2), given.worked("resolved", "a", 4)
    scene.deliver(end, given.word(end, "Done."), given.word(update, "We are on it."), update, given.contact("a"))
    assert told(scene) == {"update", "resolved"}
    send(scene)
    assert ["We are on it." in each.body for each in scene.mailer.sent] == [True, False]


def test_a_resolution_that_was_taken_back_is_not_told(scene: Any, given: Any) -> None:
    end = given.worked("resolved", "a", 2)
    scene.deliver(given.contact("a"), end, given.word(end), given.worked("reopened", "a", 4))
    assert told(scene) == {"reopened"}


def test_of_two_new_times_the_later_is_told(scene: Any, given: Any) -> None:
    one, two = given.renegotiated("a", 2), given.renegotiated("a", 4)
    scene.deliver(given.contact("a"), two, given.word(two, "Second."), one, given.word(one, "First."))
    send(scene)
    assert ["Second." in each.body for each in scene.mailer.sent] == [True]


def test_an_officer_who_opens_it_again_may_say_why(scene: Any, given: Any) -> None:
    event = given.worked("reopened", "a", 2, initiator="officer")
    scene.deliver(given.contact("a"), event)
    assert scene.dispatcher.run_once() == 0
    scene.deliver(given.word(event, "It broke again."))
    send(scene)
    assert "It broke again." in scene.mailer.sent[0].body
    silent = given.worked("reopened", "b", 2, initiator="officer")
    scene.deliver(given.contact("b"), silent)
    assert len(send(scene)) == 2


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_of_a_withdrawn_concern_nothing_more_is_sent(scene: Any, given: Any, withdrawn_first: bool) -> None:
    event = given.worked("updated", "a", 2)
    line = [given.withdrawn("a"), given.contact("a"), given.routed("a"), event, given.word(event)]
    scene.deliver(*(line if withdrawn_first else reversed(line)))
    assert scene.notices == []
    assert send(scene) == []


def test_a_fact_of_the_past_is_not_told_but_overtakes(scene: Any, given: Any) -> None:
    end = given.worked("resolved", "a", 2, recorded=scene.now + timedelta(days=100))
    scene.deliver(given.contact("a"), given.routed("a"), end, given.word(end))
    assert scene.notices == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("begins", ["routed", "unroutable"])
def test_of_a_past_only_its_beginning_is_told_without_its_promises(
    scene: Any, given: Any, begins: str, language: str
) -> None:
    recorded_at = scene.now + timedelta(days=100)
    begun = replace(getattr(given, begins)("a"), recorded=recorded_at)
    end = given.worked("resolved", "a", 2, recorded=recorded_at)
    scene.deliver(given.contact("a", language=language), begun, end)
    send(scene)
    (mail,) = scene.mailer.sent
    assert mail.subject.startswith({"en": "We have your concern of ", "es": "Tenemos su aviso del "}[language])
    assert ("D-4" in mail.body) == (begins == "routed")
    assert "November 28" not in mail.body, "a promise of another time"


def test_what_is_done_from_now_on_overtakes_the_beginning_of_a_past(scene: Any, given: Any) -> None:
    begun = replace(given.routed("a"), recorded=scene.now + timedelta(days=100))
    scene.deliver(given.contact("a"), begun, given.worked("reopened", "a", 2, initiator="resident"))
    assert [each.notice for each in scene.notices] == ["reopened"]


def test_a_missed_promise_is_told_to_the_supervisor_and_to_nobody_else(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a", name="Ana"), given.missed("a", 2), given.missed("b", 2))
    scene.deliver(given.missed("c", 2, team="without"))
    send(scene)
    assert [each.recipient for each in scene.mailer.sent] == ["d4-supervisor@example.org"] * 2
    assert {each.subject for each in scene.mailer.sent} == {"A promise was missed: District D-4"}
    assert not any("Ana" in each.body or "a@" in each.body for each in scene.mailer.sent)
    assert scene.published == []


def test_that_a_timer_noticed_it_later_makes_a_missed_promise_no_history(scene: Any, given: Any) -> None:
    event = given.missed("a", 2)
    scene.deliver(replace(event, recorded=event.time + timedelta(seconds=2)))
    assert [each.notice for each in scene.notices] == ["missed"]


@pytest.mark.parametrize("known", ["at once", "later"])
def test_of_a_promise_missed_before_we_had_the_concern_no_supervisor_is_told(
    scene: Any, given: Any, known: str
) -> None:
    late = given.missed("a", 2)
    end = given.worked("resolved", "a", 3, recorded=scene.now + timedelta(days=100))
    for batch in [[late, end]] if known == "at once" else [[late], [end]]:
        scene.deliver(*batch)
    assert scene.notices == []


def test_of_a_promise_that_is_long_past_no_supervisor_is_told(scene: Any, given: Any) -> None:
    scene.later(timedelta(days=8).total_seconds())
    scene.deliver(given.missed("a", 2))
    assert scene.notices == []


def test_a_supervisor_is_told_of_a_concern_that_was_withdrawn_too(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"), given.withdrawn("a"), given.missed("a", 2))
    assert [each.notice for each in scene.notices] == ["missed"]


@pytest.mark.parametrize("promise", ["response", "agreed"])
def test_the_reporter_hears_before_a_promise_is_missed(scene: Any, given: Any, promise: str) -> None:
    scene.deliver(given.contact("a"), given.at_risk("a", 2, promise=promise))
    assert send(scene) == ["Your concern may take longer than promised"]
    assert "by Saturday, November 28, 2026, 10:00 AM. It may take longer." in scene.mailer.sent[0].body
    assert [each.notice for each in scene.published] == ["at_risk"]


def test_an_acknowledgement_at_risk_is_for_the_team_alone(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a"), given.at_risk("a", 2, promise="acknowledgement"))
    assert told(scene) == set()


ENDS_RISK = [
    ("response", "resolved"), ("response", "declined"), ("response", "referred"), ("response", "closed"),
    ("response", "reopened"), ("agreed", "resolved"), ("agreed", "updated"), ("agreed", "reopened"),
]  # fmt: skip


@pytest.mark.parametrize("risk_first", [True, False])
@pytest.mark.parametrize(("promise", "what"), ENDS_RISK)
def test_what_ends_a_promise_ends_its_risk(scene: Any, given: Any, promise: str, what: str, risk_first: bool) -> None:
    line = [given.at_risk("a", 2, promise=promise), given.worked(what, "a", 3)]
    scene.deliver(given.contact("a"))
    for each in line if risk_first else reversed(line):
        scene.deliver(each)
    assert "at_risk" not in told(scene)


@pytest.mark.parametrize("what", ["acknowledged", "updated", "reassigned"])
def test_a_response_stays_at_risk_until_it_is_given(scene: Any, given: Any, what: str) -> None:
    scene.deliver(given.contact("a"), given.at_risk("a", 2), given.worked(what, "a", 3))
    assert "at_risk" in told(scene)


@pytest.mark.parametrize("how", ["renegotiated", "missed"])
def test_a_new_time_or_the_missed_one_ends_the_risk_of_that_promise_alone(scene: Any, given: Any, how: str) -> None:
    end = getattr(given, how)("a", 3, promise="response")
    other = replace(end, id="another", data=replace(end.data, concern_id="b", promise_id="another"))
    scene.deliver(given.contact("a"), given.at_risk("a", 2), end)
    scene.deliver(given.contact("b"), given.at_risk("b", 2), replace(other, partitionkey="b"))
    assert {each.concern_id for each in scene.notices if each.notice == "at_risk"} == {"b"}


def test_a_promise_that_is_due_by_now_is_not_at_risk(scene: Any, given: Any) -> None:
    scene.later(timedelta(days=6).total_seconds())
    scene.deliver(given.contact("a"), given.at_risk("a", 2))
    assert scene.notices == []


@pytest.mark.parametrize("begun_first", [True, False])
def test_the_citys_own_target_of_an_imported_concern_was_promised_to_nobody(
    scene: Any, given: Any, begun_first: bool
) -> None:
    begun = replace(given.routed("a"), recorded=scene.now + timedelta(days=100))
    line = [begun, given.at_risk("a", 2)]
    scene.deliver(given.contact("a"), *(line if begun_first else reversed(line)))
    assert told(scene) == {"acknowledgement"}
    scene.deliver(given.worked("reopened", "a", 3), given.at_risk("a", 4))
    assert told(scene) == {"reopened", "at_risk"}


@pytest.mark.parametrize("team", ["d4", None])
def test_the_reporter_is_reminded_of_a_question(scene: Any, given: Any, team: str | None) -> None:
    scene.deliver(given.contact("a"), given.unanswered("a", 3, team=team))
    assert send(scene) == ["We still need your answer"]
    assert "on Monday, November 23, 2026, 10:00 AM" in scene.mailer.sent[0].body
    assert "/track/" in scene.mailer.sent[0].body


@pytest.mark.parametrize("what", ["answered", "updated", "resolved", "closed", "reopened"])
@pytest.mark.parametrize("reminder_first", [True, False])
def test_no_answer_is_needed_after(scene: Any, given: Any, what: str, reminder_first: bool) -> None:
    line = [given.unanswered("a", 3), given.worked(what, "a", 4)]
    scene.deliver(given.contact("a"))
    for each in line if reminder_first else reversed(line):
        scene.deliver(each)
    assert "unanswered" not in told(scene)


def test_words_are_kept_sealed(scene: Any, given: Any) -> None:
    event = given.worked("declined", "a", 2)
    scene.deliver(event, given.word(event, "Canary words", where_to_go="Canary place"))
    assert "Canary" not in repr(scene.store.concerns(["a"]))


def long_story(given: Any) -> list[Event[Any]]:
    """Three concerns that go through much; one of them is withdrawn, one has no contact."""
    update, resolved = given.worked("updated", "a", 3), given.worked("resolved", "a", 5)
    later = given.worked("resolved", "a", 9)
    declined, renewed = given.worked("declined", "b", 4), given.renegotiated("b", 2)
    return [
        *(given.contact("a"), given.routed("a"), given.worked("acknowledged", "a", 2), update, resolved),
        *(given.word(update), given.word(resolved), given.worked("reopened", "a", 7), later, given.word(later)),
        *(given.contact("b"), given.unroutable("b"), declined, given.word(declined), renewed, given.word(renewed)),
        *(given.contact("c"), given.withdrawn("c"), given.routed("c"), given.missed("c", 2)),
        *(given.routed("d"), given.worked("closed", "d", 2)),
        *(given.contact("e"), given.unanswered("e", 2), given.worked("answered", "e", 3), given.at_risk("e", 4)),
        *(given.unanswered("e", 5), given.at_risk("e", 6, promise="agreed"), given.missed("e", 7, promise="agreed")),
    ]


@settings(max_examples=30, deadline=None)
@example(data=st.data())
def test_in_any_order_the_same_is_due(data: st.DataObject, new_scene: Callable[[], Any], given: Any) -> None:
    once = long_story(given)
    straight, scene = new_scene(), new_scene()
    straight.deliver(*once)
    shuffled = data.draw(st.permutations(once + data.draw(st.lists(st.sampled_from(once), max_size=6))))
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        scene.deliver(*shuffled[:size])
        shuffled = shuffled[size:]
    assert due(scene) == due(straight)
    assert {(each.concern_id, each.notice) for each in scene.notices} == {
        *(("a", "update"), ("a", "resolved"), ("b", "declined"), ("c", "missed")),
        *(("e", "unanswered"), ("e", "missed")),
    }


def due(scene: Any) -> set[tuple[str, str]]:
    return {(each.id, each.notice) for each in scene.notices}


@settings(max_examples=40, deadline=None)
@example(data=st.data())
def test_sending_between_arrivals_tells_each_event_once_at_most(
    data: st.DataObject, new_scene: Callable[[], Any], given: Any
) -> None:
    scene = new_scene()
    for event in data.draw(st.permutations(long_story(given))):
        scene.deliver(event)
        if data.draw(st.booleans()):
            send(scene)
    send(scene)
    ids = [each.id for each in scene.mailer.sent]
    assert len(ids) == len(set(ids))
    assert {"update", "resolved", "declined", "missed"} <= told(scene)
    assert all(each.finished for each in scene.notices)
