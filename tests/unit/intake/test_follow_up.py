"""What reporters do after the report, with the receipt alone or with the link in a mail."""

from datetime import timedelta
from typing import Any

import pytest
from residents import KEY, LINK_KEY, NOW, Office, routed, told, worked

from concord_contracts import Event, new_event
from concord_contracts.messages import AccessRecorded, ConcernUnanswered
from concord_contracts.signed_links import ForgedLink
from concord_contracts.status_links import LIFETIME, EndedStatusLink, StatusLink, StatusLinks
from concord_intake.application.errors import (
    AlreadyAnswered,
    ConcernFinished,
    ConcernNotFound,
    ConcernNotOpen,
    IdempotencyKeyReused,
    NoMailsToStop,
    NothingToJudge,
)
from concord_intake.application.follow_up import FollowedConcern, FollowUp
from concord_intake.application.reporter_access import ByLink, ByReceipt, ReporterAccess
from concord_intake.application.timeline_projection import HANDLERS
from concord_intake.domain.concern import Contact
from concord_intake.domain.receipt import Receipts
from concord_intake.domain.reporter import Looks
from concord_intake.domain.timeline import status_of

LINKS = StatusLinks([LINK_KEY])
CONTACT = Contact("Rosa Example", "rosa@example.org", None, "es")


class Scene:
    """A concern, and its reporter who has the receipt."""

    def __init__(self, **changes: Any) -> None:
        self.office = Office()
        answer = self.office.client.report(told(**changes))
        self.concern_id = answer["id"]
        self.receipt = ByReceipt(answer["receipt"])
        receipts = Receipts([KEY])
        access = ReporterAccess(receipts, LINKS, self.office.clock)
        self.follow_up = FollowUp(access, receipts, self.office, self.office.clock)

    def link(self, concern_id: str | None = None) -> ByLink:
        return ByLink(LINKS.write(StatusLink(concern_id or self.concern_id, "es", NOW + LIFETIME)))

    def view(self) -> FollowedConcern:
        return self.follow_up.open(self.receipt)

    def deliver(self, *events: Event[Any]) -> None:
        with self.office.work() as work:
            for event in events:
                HANDLERS[event.type]([event], work)

    def asked(self) -> None:
        self.deliver(routed(1, self.concern_id, "c6"), worked("updated", 2, self.concern_id, waiting=True))
        self.office.clock.move(hours=1)

    def resolved(self) -> None:
        self.deliver(routed(1, self.concern_id, "c6"), worked("resolved", 3, self.concern_id))
        self.office.clock.move(hours=1)

    def ours(self) -> list[Event[Any]]:
        """Intake's events after those of the new concern."""
        return [each for each in self.office.published if each.sequence > 3]


def test_the_receipt_alone_opens_the_concern_however_it_is_typed() -> None:
    scene = Scene()
    scene.deliver(routed(1, scene.concern_id, "c6"))
    digits = scene.receipt.receipt.replace(" ", "")
    for typed in (scene.receipt.receipt, digits, f" {digits[:8]}-{digits[8:]} "):
        view = scene.follow_up.open(ByReceipt(typed))
        assert view.status.concern.id == scene.concern_id
        assert [step.status for step in view.status.steps] == ["routed"]
    assert (view.may_answer, view.is_asked, view.may_withdraw, view.may_give_feedback) == (True, False, True, False)
    assert (view.has_contact, view.looks, view.link) == (False, {}, None)
    for wrong in ("", "0000 0000 0000 0000", "x" * 400):
        with pytest.raises(ConcernNotFound):
            scene.follow_up.open(ByReceipt(wrong))


def test_a_link_opens_its_concern_until_it_ends() -> None:
    scene = Scene()
    for _ in range(2):
        view = scene.follow_up.open(scene.link())
        assert view.status.concern.id == scene.concern_id
        assert view.link is not None
        assert view.link.language == "es"
    with pytest.raises(ConcernNotFound):
        scene.follow_up.open(scene.link("another"))
    with pytest.raises(ForgedLink):
        scene.follow_up.open(ByLink("forged"))
    token = scene.link()
    scene.office.clock.move(days=30)
    with pytest.raises(EndedStatusLink):
        scene.follow_up.open(token)


def test_an_answer_goes_to_routing_alone_and_ends_the_question() -> None:
    scene = Scene()
    scene.asked()
    assert scene.view().is_asked
    for _ in range(2):
        view = scene.follow_up.answer(scene.link(), "The lamp at the corner.", "key-1")
        assert (view.is_asked, view.may_answer) == (False, True)
        assert [step.status for step in view.status.steps] == ["routed", "waiting", "answered"]
        assert status_of(view.status.steps) == "answered"
    [event] = scene.ours()
    assert (event.type, event.sequence, event.data.words) == ("answer.given.v1", 4, "The lamp at the corner.")
    assert event.sealed is not None


def test_an_addition_changes_no_status_and_each_is_one() -> None:
    scene = Scene()
    scene.deliver(routed(1, scene.concern_id, "c6"))
    scene.office.clock.move(hours=1)
    for _ in range(2):
        view = scene.follow_up.answer(scene.receipt, "It flickers, too.")
    assert [step.status for step in view.status.steps] == ["routed", "answered", "answered"]
    assert status_of(view.status.steps) == "routed"
    assert [event.sequence for event in scene.ours()] == [4, 5]


def test_a_key_belongs_to_one_request_of_its_concern() -> None:
    scene = Scene(contact={"email": "ana@example.org"})
    scene.follow_up.answer(scene.receipt, "One", "key-1")
    with pytest.raises(IdempotencyKeyReused):
        scene.follow_up.answer(scene.receipt, "Two", "key-1")
    with pytest.raises(IdempotencyKeyReused):
        scene.follow_up.stop_mails(scene.receipt, "key-1")
    assert len(scene.ours()) == 1


@pytest.mark.parametrize("what", ["resolved", "declined", "closed"])
def test_nobody_reads_an_answer_after_the_end(what: str) -> None:
    scene = Scene()
    scene.deliver(worked(what, 2, scene.concern_id))
    assert not scene.view().may_answer
    with pytest.raises(ConcernNotOpen):
        scene.follow_up.answer(scene.receipt, "Hello?", "key-1")
    with pytest.raises(ConcernFinished):
        scene.follow_up.withdraw(scene.receipt)
    assert scene.ours() == []
    scene.deliver(worked("reopened", 3, scene.concern_id))
    assert scene.follow_up.answer(scene.receipt, "Hello?", "key-1").may_answer


def test_half_fixed_opens_the_concern_again_once() -> None:
    scene = Scene()
    scene.resolved()
    assert scene.view().may_give_feedback
    for key in ("k1", "k1", "k2", None):
        view = scene.follow_up.give_feedback(scene.receipt, "partly", "One of two.", {"voice": 4}, key)
        assert (view.may_give_feedback, view.feedback and view.feedback.extent) == (False, "partly")
    assert [each.type for each in scene.ours()] == [
        "feedback.given.v1",
        "reopen.requested.v1",
        "objection.given.v1",
    ]
    with pytest.raises(AlreadyAnswered):
        scene.follow_up.give_feedback(scene.receipt, "fixed")
    scene.deliver(worked("reopened", 4, scene.concern_id), worked("resolved", 5, scene.concern_id))
    scene.follow_up.give_feedback(scene.receipt, "fixed")
    assert scene.ours()[-1].data.resolution == 5


def test_a_repeated_judgement_of_an_earlier_resolution_is_no_new_one() -> None:
    scene = Scene()
    scene.resolved()
    scene.follow_up.give_feedback(scene.receipt, "not_fixed", "Still dark.", key="k1")
    scene.deliver(worked("reopened", 4, scene.concern_id), worked("resolved", 5, scene.concern_id))
    view = scene.follow_up.give_feedback(scene.receipt, "not_fixed", "Still dark.", key="k1")
    assert view.may_give_feedback
    assert len(scene.ours()) == 3


def test_a_closed_resolution_is_judged_for_fourteen_days_and_nothing_else_is() -> None:
    scene = Scene()
    with pytest.raises(NothingToJudge):
        scene.follow_up.give_feedback(scene.receipt, "fixed")
    scene.resolved()
    scene.deliver(worked("closed", 4, scene.concern_id))
    assert scene.view().may_give_feedback
    scene.office.clock.move(days=14)
    assert not scene.view().may_give_feedback
    with pytest.raises(NothingToJudge):
        scene.follow_up.give_feedback(scene.receipt, "fixed")
    assert scene.ours() == []


def test_taken_back_once() -> None:
    scene = Scene()
    for key in ("k1", "k1", None):
        view = scene.follow_up.withdraw(scene.link(), key)
        assert (view.may_withdraw, view.may_answer) == (False, False)
    assert [each.type for each in scene.ours()] == ["concern.withdrawn.v1"]


def test_a_contact_is_added_replaced_and_its_mails_stop() -> None:
    scene = Scene()
    with pytest.raises(NoMailsToStop):
        scene.follow_up.stop_mails(scene.receipt)
    for key in ("k1", "k1", "k2"):
        assert scene.follow_up.set_contact(scene.receipt, CONTACT, key).has_contact
        scene.office.clock.move(minutes=1)
    given, recorded, *again = scene.ours()
    assert (given.type, recorded.type, len(again)) == ("contact.given.v1", "contact.recorded.v1", 2)
    assert (given.data.email, recorded.data.email) == ("rosa@example.org", "rosa@example.org")
    assert scene.office.store.counts().contacts == 1
    for _ in range(2):
        assert not scene.follow_up.stop_mails(scene.receipt, "k3").has_contact
    [stopped] = scene.ours()[4:]
    assert (stopped.type, stopped.data.email, stopped.data.phone) == ("contact.given.v1", None, None)
    scene.office.clock.move(minutes=1)
    assert scene.follow_up.set_contact(scene.receipt, CONTACT, "k4").has_contact


def test_the_reporter_learns_how_often_somebody_looked() -> None:
    scene = Scene()
    for number, kind in enumerate(("concern", "contact", "concern")):
        at = NOW + timedelta(hours=number)
        data = AccessRecorded(concern_id=scene.concern_id, part=kind, accessed_at=at)
        scene.deliver(new_event(data, sequence=number + 1, time=at))
    assert scene.view().looks == {
        "concern": Looks(scene.concern_id, "concern", 2, NOW + timedelta(hours=2)),
        "contact": Looks(scene.concern_id, "contact", 1, NOW + timedelta(hours=1)),
    }


def test_a_question_without_an_answer_still_waits() -> None:
    scene = Scene()
    scene.asked()
    data = ConcernUnanswered(
        concern_id=scene.concern_id,
        case_id="case-1",
        category="noise",
        area="C6",
        team="c6",
        channel="web",
        received_at=NOW,
        asked_at=NOW,
        days=5,
        noticed_at=NOW + timedelta(days=5),
    )
    scene.deliver(new_event(data, sequence=3, time=NOW))
    view = scene.view()
    assert [step.status for step in view.status.steps] == ["routed", "waiting", "unanswered"]
    assert view.is_asked
    account = scene.office.client.show(scene.concern_id, scene.receipt.receipt)
    assert (account["status"], account["message"]) == ("waiting", "The team still waits for your answer.")
