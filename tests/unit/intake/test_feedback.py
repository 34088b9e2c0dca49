"""What a reporter says of a resolution, and that they take their concern back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError
from residents import KEY, NOW, Office, routed, told, worked

from concord_contracts import Event, new_event
from concord_contracts.messages import PromiseMissed, PromiseRenegotiated, WordRecorded
from concord_intake.application.errors import AlreadyAnswered
from concord_intake.application.feedback import record_feedback
from concord_intake.application.timeline_projection import HANDLERS
from concord_intake.domain.feedback import Feedback, feedback_of
from concord_intake.domain.receipt import Receipts
from concord_intake.entrypoints.feedback_schemas import parse_feedback, parse_form
from concord_intake.ports import StoredFeedback
from concord_web import Problem, Query

RECEIPTS = Receipts([KEY])


def reported(office: Office) -> tuple[str, str]:
    """A concern and its receipt."""
    answer = office.client.report(told())
    return answer["id"], answer["receipt"]


def deliver(office: Office, *events: Event[Any]) -> None:
    with office.work() as work:
        for event in events:
            HANDLERS[event.type]([event], work)


def reply(office: Office, concern_id: str, given: Feedback, resolution: int = 3) -> None:
    with office.work() as work:
        record_feedback(office.store.concerns([concern_id])[concern_id], resolution, given, RECEIPTS, work)


def ours(office: Office) -> list[Event[Any]]:
    """Intake's events after those of a new concern."""
    return [each for each in office.published if each.sequence > 3]


def test_fixed_is_told_with_team_and_area_of_that_time() -> None:
    office = Office()
    concern_id, _ = reported(office)
    later = worked("reassigned", 4, concern_id, area="B2", team="works")
    deliver(office, later, worked("resolved", 3, concern_id), routed(1, concern_id, "c6"))
    reply(office, concern_id, Feedback(fixed=True, voice=5))
    [event] = ours(office)
    assert (event.type, event.sequence) == ("feedback.given.v1", 4)
    assert (event.data.team, event.data.area, event.data.resolution, event.data.voice) == ("c6", "C6", 3, 5)


def test_not_fixed_is_three_events_of_one_act() -> None:
    office = Office()
    concern_id, _ = reported(office)
    reply(office, concern_id, Feedback(fixed=False, reason="Still dark"))
    feedback, asked, objection = ours(office)
    assert [each.sequence for each in (feedback, asked, objection)] == [4, 5, 6]
    assert asked.causationid == objection.causationid == feedback.id
    assert (feedback.data.team, feedback.data.area) == (None, None)
    assert objection.data.reason == "Still dark"


def test_a_resolution_has_one_answer_however_often_it_arrives() -> None:
    office = Office()
    concern_id, _ = reported(office)
    for _ in range(2):
        reply(office, concern_id, Feedback(fixed=False, reason="No"))
    for other in (Feedback(fixed=True), Feedback(fixed=False, reason="Still no"), feedback_of("cannot_tell")):
        with pytest.raises(AlreadyAnswered):
            reply(office, concern_id, other)
    assert len(ours(office)) == 3
    reply(office, concern_id, Feedback(fixed=True), resolution=9)
    assert len(ours(office)) == 4


def test_an_answer_from_before_is_not_compared() -> None:
    office = Office()
    concern_id, _ = reported(office)
    office.store.add_answer(StoredFeedback(concern_id, 3, True, NOW))
    with pytest.raises(AlreadyAnswered):
        reply(office, concern_id, Feedback(fixed=True))


def test_partly_is_not_fixed_and_opens_the_concern_again() -> None:
    office = Office()
    concern_id, _ = reported(office)
    reply(office, concern_id, feedback_of("partly", "One lamp of two", voice=4))
    assert [each.type for each in ours(office)] == ["feedback.given.v1", "reopen.requested.v1", "objection.given.v1"]
    given = ours(office)[0].data
    assert (given.fixed, given.extent, given.voice) == (False, "partly", 4)
    for extent in ("partly", "not_fixed"):
        with pytest.raises(ValueError, match="reason"):
            feedback_of(extent)


def test_who_cannot_tell_is_asked_no_more_and_opens_nothing() -> None:
    office = Office()
    concern_id, _ = reported(office)
    deliver(office, routed(1, concern_id, "c6"), worked("resolved", 3, concern_id))
    reply(office, concern_id, feedback_of("cannot_tell", "No idea", voice=1))
    [event] = ours(office)
    assert (event.type, event.data.team, event.data.resolution) == ("feedback.undecided.v1", "c6", 3)


def test_taken_back_once_and_seen_in_its_place() -> None:
    office = Office()
    concern_id, receipt = reported(office)
    deliver(office, routed(1, concern_id, "c6"))
    office.clock.move(hours=1)
    for _ in range(2):
        account = office.client.withdraw(concern_id, receipt, "es")
        assert (account["status"], account["message"]) == ("withdrawn", "Usted lo retiró.")
        assert (account["acknowledge_by"], account["respond_by"]) == (None, None)
    [event] = ours(office)
    assert (event.type, event.data.team, event.data.area) == ("concern.withdrawn.v1", "c6", "C6")
    deliver(office, worked("acknowledged", 80, concern_id))
    assert office.client.show(concern_id, receipt, None)["status"] == "withdrawn"
    deliver(office, worked("closed", 90, concern_id, after="withdrawn"))
    account = office.client.show(concern_id, receipt, None)
    assert [each["status"] for each in account["history"]] == [
        "received",
        "routed",
        "withdrawn",
        "acknowledged",
        "closed",
    ]


@pytest.mark.parametrize("what", ["resolved", "declined", "closed"])
def test_what_is_over_cannot_be_taken_back(what: str) -> None:
    office = Office()
    concern_id, receipt = reported(office)
    deliver(office, worked(what, 2, concern_id))
    with pytest.raises(Problem) as refused:
        office.client.withdraw(concern_id, receipt, None)
    assert refused.value.status == 409
    deliver(office, worked("reopened", 3, concern_id))
    office.clock.move(hours=1)
    assert office.client.withdraw(concern_id, receipt, None)["status"] == "withdrawn"


@pytest.mark.parametrize("receipt", [None, "", "0000 0000 0000 0000"])
def test_only_with_the_receipt(receipt: str | None) -> None:
    office = Office()
    concern_id, _ = reported(office)
    with pytest.raises(Problem) as refused:
        office.client.withdraw(concern_id, receipt, None)
    assert refused.value.status == 404
    assert ours(office) == []


PROMISE = {
    "case_id": "case-1",
    "promise_id": "p-1",
    "promise": "response",
    "category": "noise",
    "area": "C6",
    "team": "c6",
    "channel": "web",
    "due_at": NOW + timedelta(days=2),
}


def missed(sequence: int, concern_id: str) -> Event[PromiseMissed]:
    at = NOW + timedelta(minutes=sequence)
    return new_event(PromiseMissed(**PROMISE, concern_id=concern_id, missed_at=at), sequence=sequence, time=at)


def renegotiated(sequence: int, concern_id: str) -> Event[PromiseRenegotiated]:
    at = NOW + timedelta(minutes=sequence)
    data = PromiseRenegotiated(**PROMISE, concern_id=concern_id, renegotiated_at=at, due_before=NOW)
    return new_event(data, sequence=sequence, time=at)


def word(cause: Event[Any], words: str) -> Event[WordRecorded]:
    data = WordRecorded(
        concern_id=cause.partitionkey,
        case_id="case-1",
        word="renegotiate",
        cause_id=cause.id,
        cause_sequence=cause.sequence,
        words=words,
        where_to_go=None,
        partner=None,
        due_at=None,
        given_at=cause.time,
    )
    return new_event(data, sequence=cause.sequence + 1, time=cause.time)


@pytest.mark.parametrize("word_first", [True, False])
def test_another_time_is_shown_with_its_reason(word_first: bool) -> None:
    office = Office()
    concern_id, receipt = reported(office)
    moved = renegotiated(2, concern_id)
    pair = [moved, word(moved, "The parts are late.")]
    deliver(office, *(reversed(pair) if word_first else pair), routed(1, concern_id, "c6"))
    account = office.client.show(concern_id, receipt, None)
    assert account["status"] == "routed"
    assert datetime.fromisoformat(account["respond_by"]) == PROMISE["due_at"]
    assert datetime.fromisoformat(account["acknowledge_by"]) == NOW + timedelta(hours=1, minutes=1)
    last = account["history"][-1]
    assert (last["status"], last["words"]) == ("renegotiated", "The parts are late.")
    assert last["message"] == (
        "The team needs more time than was promised."
        " You will hear what is done about it by Tuesday, November 24, 2026, 1:20 PM."
    )


def test_a_missed_promise_is_owned_up_to() -> None:
    office = Office()
    concern_id, receipt = reported(office)
    deliver(office, missed(2, concern_id), routed(1, concern_id, "c6"))

    def message(language: str, place: int = -1) -> str:
        return str(office.client.show(concern_id, receipt, language)["history"][place]["message"])

    assert message("en") == "We promised to answer by Tuesday, November 24, 2026, 1:20 PM, and have not kept it yet."
    assert message("es").endswith("y todavía no lo hemos cumplido.")
    assert office.client.show(concern_id, receipt, None)["status"] == "routed"
    deliver(office, worked("resolved", 3, concern_id))
    assert message("en", -2).endswith("and did not keep it in time.")


def test_json_and_form_are_judged_alike() -> None:
    assert parse_feedback({"token": "t", "fixed": False, "reason": "Dark", "voice": 3})[1] == parse_form(
        Query("fixed=no&reason=Dark&voice=3&respect=")
    )
    for raw, field in (
        ({"fixed": False}, "reason"),
        ({"fixed": True, "voice": 0}, "voice"),
        ({"fixed": True, "voice": 2.5}, "voice"),
        ({"fixed": 1}, "fixed"),
        ({"fixed": False, "reason": "x" * 2001}, "reason"),
        ({"fixed": False, "reason": "  "}, "reason"),
    ):
        with pytest.raises(ValidationError) as wrong:
            parse_feedback({"token": "t"} | raw)
        assert list(wrong.value.messages_dict) == [field]
    for form, field in (
        ("fixed=maybe", "fixed"),
        ("", "fixed"),
        ("fixed=yes&voice=9", "voice"),
        ("fixed=no", "reason"),
    ):
        with pytest.raises(ValidationError) as wrong:
            parse_form(Query(form))
        assert list(wrong.value.messages_dict) == [field]
