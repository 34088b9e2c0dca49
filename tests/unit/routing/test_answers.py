"""Answers of the reporter, and questions without one, on the store in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, said
from test_commands import Office
from test_promises_at_work import last, look
from test_read_concern import officer, reader

from concord_access.authenticator import OPERATOR
from concord_city import Located
from concord_contracts import new_event
from concord_contracts.messages import AnswerGiven, ConcernWithdrawn
from concord_routing.application.check_deadlines import check_questions
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.commands import Acknowledge, Answer, Update
from concord_routing.domain.resident_words import Reply

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WORDS = "the door is behind the bakery"


@pytest.fixture
def office():
    return Office()


def given(concern="w", words=WORDS, at=AT, sequence=7):
    return new_event(AnswerGiven(concern_id=concern, words=words, given_at=at), sequence=sequence, time=at)


def ask(office, version=1, message="Which door?"):
    return office.order("update", version, {"message": message, "waiting_for_resident": True}).version


def tasks(office):
    rows = office.bus.database.store.tasks(0, 20)
    return [(task.case_id, task.kind, task.reason) for _, task in rows if task.kind != "triage"]


def case(office):
    return office.bus.database.store.case("W")


def test_an_answer_goes_on_with_the_case_and_makes_a_task(office):
    ask(office)
    office.bus.deliver(given(at=AT + HOUR))
    answered = last(office, "concern.answered.v1")
    assert (answered.data.was_waiting, answered.data.answered_at) == (True, AT + HOUR)
    assert answered.sequence == case(office).sequence
    assert (case(office).state, case(office).version, case(office).asked_at) == ("in_progress", 3, None)
    assert tasks(office) == [("W", "answered", "answer")]
    entry = office.bus.database.store.history("W")[-1]
    assert (entry.command, entry.actor, entry.before, entry.after) == (
        "answer",
        "resident",
        "waiting_for_resident",
        "in_progress",
    )
    assert WORDS not in str(entry)
    assert reader(office).concern("W", officer()).replies == (Reply(AT, "answer", WORDS),)


def test_an_addition_keeps_the_state(office):
    office.bus.deliver(given())
    assert (case(office).state, last(office, "concern.answered.v1").data.was_waiting) == ("routed", False)
    assert tasks(office) == [("W", "answered", "addition")]


def test_the_next_command_ends_the_task_but_another_team_still_sees_it(office):
    office.bus.deliver(given())
    version = office.order("reassign", 2, {"team": "works"}).version
    assert tasks(office) == [("W", "answered", "addition")]
    office.order("update", version, {"message": "thank you"})
    assert tasks(office) == []


@pytest.mark.parametrize("after", ["resolve", "close", "withdraw"])
def test_an_answer_after_the_end_is_kept_and_makes_a_task(office, after):
    if after == "withdraw":
        about = {"category": "noise", "area": "west", "team": "patrol-west", "channel": "web"}
        gone = ConcernWithdrawn(concern_id="w", withdrawn_at=AT, **about)
        office.bus.deliver(new_event(gone, sequence=5, time=AT))
    else:
        version = office.order("resolve", raw={"reason": "done"}).version
        if after == "close":
            office.order("close", version)
    before = case(office).state
    office.bus.deliver(given())
    assert case(office).state == before
    assert tasks(office) == [("W", "answered", "addition")]
    assert [reply.words for reply in reader(office).concern("W", officer()).replies] == [WORDS]


def test_a_duplicate_has_no_effect_and_an_early_answer_waits_for_its_case(office):
    answer = given()
    office.bus.deliver(answer)
    office.bus.deliver(answer)
    assert case(office).version == 2
    early = given("p")
    office.bus.deliver(early)
    assert [each.partition_key for each in office.bus.waiting] == ["p"]


def test_an_officer_who_has_not_seen_the_answer_decides_again(office):
    version = ask(office)
    office.bus.deliver(given())
    with pytest.raises(Exception, match="version 3"):
        office.order("resolve", version, {"reason": "no answer"})


def test_a_question_without_an_answer_is_told_of_once(office):
    ask(office)
    look(office, AT + 5 * DAY)
    assert "unanswered" not in {kind for _, kind, _ in tasks(office)}
    look(office, AT + 5 * DAY + HOUR)
    look(office, AT + 9 * DAY)
    told = [each for each in office.bus.published if each.type == "concern.unanswered.v1"]
    assert [(each.data.asked_at, each.data.days, each.data.noticed_at) for each in told] == [(AT, 5, AT + 5 * DAY)]
    assert ("W", "unanswered", "no_answer") in tasks(office)
    assert case(office).state == "waiting_for_resident"


def test_an_answer_or_a_new_question_ends_the_wait(office):
    version = ask(office)
    look(office, AT + 6 * DAY)
    assert ("W", "unanswered", "no_answer") in tasks(office)
    ask(office, version, "Which door, please?")
    assert "unanswered" not in {kind for _, kind, _ in tasks(office)}
    look(office, AT + 10 * DAY)
    assert "unanswered" not in {kind for _, kind, _ in tasks(office)}
    look(office, AT + 12 * DAY)
    assert ("W", "unanswered", "no_answer") in tasks(office)
    office.bus.deliver(given(at=office.now))
    assert "unanswered" not in {kind for _, kind, _ in tasks(office)}


def test_an_answered_question_is_never_unanswered(office):
    ask(office)
    office.bus.deliver(given())
    look(office, AT + 30 * DAY)
    assert "concern.unanswered.v1" not in {each.type for each in office.bus.published}


def test_a_city_sets_the_days(office):
    ask(office)
    office.now = AT + 2 * DAY + HOUR
    with office.work() as work:
        assert check_questions(work, replace(CITY, answer_days=3)) == 0
        assert check_questions(work, replace(CITY, answer_days=2)) == 1
        assert check_questions(work, replace(CITY, answer_days=2)) == 0


def test_the_time_of_a_question():
    opened = open_case(CITY, said(), Located("west"), "sealed", "CASE", AT)
    asked = apply_command(opened, Update("Which door?", waiting_for_resident=True), CITY, "user:1", AT + HOUR).case
    assert asked.asked_at == AT + HOUR
    again = apply_command(asked, Update("Please?", waiting_for_resident=True), CITY, "user:1", AT + DAY).case
    assert again.asked_at == AT + DAY
    for command in (Answer(AT + DAY), Update("found it")):
        assert apply_command(again, command, CITY, "user:1", AT + DAY).case.asked_at is None
    assert apply_command(opened, Acknowledge(), CITY, "user:1", AT).case.asked_at is None


def test_a_history_shows_that_there_was_an_answer_but_not_its_words(office):
    office.bus.deliver(given())
    shown = office.client.show("W", OPERATOR)[1]["history"][-1]
    assert (shown["command"], shown["message"], shown["reason"]) == ("answer", None, None)
    assert WORDS not in str(shown)
