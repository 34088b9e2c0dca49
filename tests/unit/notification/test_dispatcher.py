"""Claim, send, record: every way a notice can go, with a mailer and a clock in the test's hand."""

from typing import Any

import pytest

from concord_bus.domain.errors import DatabaseUnavailable
from concord_contracts.messages import NotificationDelivered, NotificationFailed
from concord_notification.mail.send_result import SendOutcome, SendResult
from concord_notification.notices.application.dispatcher import BATCH
from concord_notification.notices.domain.delivery import State

BUSY = SendResult(SendOutcome.RETRY, "451")
REFUSED = SendResult(SendOutcome.REJECTED, "550")
AWAY = SendResult(SendOutcome.BACK_OFF, "connect")
CUT_OFF = SendResult(SendOutcome.BACK_OFF, "lost", maybe_sent=True)


def due(scene: Any, given: Any, *concerns: str) -> None:
    for each in concerns:
        scene.deliver(given.contact(each), given.routed(each))


def states(scene: Any) -> list[tuple[State, int]]:
    return [(each.state, each.attempts) for each in scene.notices]


def test_delivered_and_told_without_a_word_about_the_person(scene: Any, given: Any) -> None:
    decision = given.routed("a")
    scene.deliver(given.contact("a"), decision)
    scene.later(2)
    assert scene.dispatcher.run_once() == 1
    [event] = scene.bus.published
    assert event.data == NotificationDelivered(
        concern_id="a",
        notice="acknowledgement",
        medium="email",
        language="en",
        cause_id=decision.id,
        due_at=decision.time,
        delivered_at=scene.now,
        attempts=1,
        uncertain=False,
    )
    assert (event.sequence, event.causationid, event.correlationid) == (1, decision.id, decision.correlationid)
    body = scene.bus.database.tables.outbox.popitem()[1].body
    assert b"@" not in body
    assert b"Ana" not in body


def test_a_mail_goes_to_the_domain_that_the_resident_wrote(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a", email="rosa@straße.example"), given.routed("a"))
    scene.dispatcher.run_once()
    [mail] = scene.mailer.sent
    assert mail.recipient == "rosa@xn--strae-oqa.example"


def test_nothing_is_sent_twice(scene: Any, given: Any) -> None:
    due(scene, given, "a", "b")
    assert [scene.dispatcher.run_once() for _ in range(3)] == [2, 0, 0]
    scene.later(100_000)
    assert scene.dispatcher.run_once() == 0
    assert len(scene.mailer.sent) == 2


def test_the_claim_is_committed_before_the_attempt(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    seen: list[State] = []
    scene.mailer.before = lambda: seen.extend(each.state for each in scene.notices)
    scene.dispatcher.run_once()
    assert seen == [State.SENDING]


def test_a_passing_failure_is_tried_again_later_and_then_given_up(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    scene.mailer.answers = [BUSY, BUSY, BUSY]
    for wait in (9.0, 39.0):
        scene.dispatcher.run_once()
        scene.later(wait)
        assert scene.dispatcher.run_once() == 0
        scene.later(1)
    scene.dispatcher.run_once()
    [failed] = scene.published
    assert isinstance(failed, NotificationFailed)
    assert (failed.reason, failed.attempts, failed.failed_at) == ("exhausted", 3, scene.now)
    assert scene.counted("deferred") == 2
    assert scene.counted("failed") == 1


def test_a_refusal_is_final(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    scene.mailer.answers = [REFUSED]
    scene.dispatcher.run_once()
    assert [(each.reason, each.attempts) for each in scene.published] == [("refused", 1)]


@pytest.mark.parametrize(
    ("email", "reason"), [(None, "no_address"), ("nobody", "refused"), ("a@b.example\r\nBcc: c@d.example", "refused")]
)
def test_what_cannot_be_sent_fails_without_an_attempt(scene: Any, given: Any, email: str | None, reason: str) -> None:
    scene.deliver(given.contact("a", email=email, phone="617-555-0101"), given.routed("a"))
    scene.dispatcher.run_once()
    assert [(each.reason, each.attempts) for each in scene.published] == [(reason, 0)]
    assert scene.mailer.sent == []


def test_a_crash_while_sending_is_made_good_once_and_counted(scene: Any, given: Any) -> None:
    due(scene, given, "a")

    def crash() -> None:
        raise KeyboardInterrupt

    scene.mailer.before = crash
    with pytest.raises(KeyboardInterrupt):
        scene.dispatcher.run_once()
    scene.mailer.before = lambda: None
    restarted = scene.process()
    assert restarted.run_once() == 0
    restarted.recover()
    assert restarted.run_once() == 1
    assert [(each.attempts, each.uncertain) for each in scene.published] == [(2, True)]
    assert scene.counted("uncertain") == 1
    assert scene.store.ledger().uncertain == 1


def test_a_claim_of_a_process_that_never_came_back_ends_with_its_lease(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    scene.dispatcher._claim("gone", 32)
    scene.later(59)
    assert scene.process().run_once() == 0
    scene.later(1)
    assert scene.process().run_once() == 1
    assert [each.uncertain for each in scene.published] == [True]


def test_a_notice_during_which_the_process_always_dies_is_given_up(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    for _ in range(3):
        scene.dispatcher._claim("gone", 32)
        scene.later(60)
    scene.dispatcher.run_once()
    assert [(each.reason, each.attempts) for each in scene.published] == [("exhausted", 3)]
    assert scene.mailer.sent == []


def test_without_an_address_nothing_is_uncertain(scene: Any, given: Any) -> None:
    scene.deliver(given.contact("a", email=None), given.routed("a"))
    scene.dispatcher._claim("gone", 32)
    scene.later(60)
    scene.dispatcher.run_once()
    assert [(each.reason, each.attempts) for each in scene.published] == [("no_address", 0)]
    assert scene.store.ledger().uncertain == 0


def test_who_lost_the_claim_does_not_record(scene: Any, given: Any) -> None:
    due(scene, given, "a")

    def slow() -> None:
        scene.mailer.before = lambda: None
        scene.later(61)
        scene.process().run_once()

    scene.mailer.before = slow
    scene.dispatcher.run_once()
    assert [(each.attempts, each.uncertain) for each in scene.published] == [(2, True)]


def test_a_server_that_is_away_is_left_in_peace_and_nothing_but_one_attempt_is_lost(scene: Any, given: Any) -> None:
    due(scene, given, "a", "b", "c")
    scene.mailer.answers = [AWAY]
    assert scene.dispatcher.run_once() == 3
    assert sorted(attempts for _, attempts in states(scene)) == [0, 0, 1]
    assert scene.dispatcher.run_once() == 0
    assert scene.dispatcher.pause(60) == 1.0
    scene.later(1)
    scene.mailer.answers = [AWAY]
    assert scene.dispatcher.run_once() == 1
    assert scene.dispatcher.pause(60) == 2.0
    scene.later(2)
    assert scene.dispatcher.run_once() == 1
    assert not scene.dispatcher.breaker.is_open
    scene.later(10)
    assert scene.dispatcher.run_once() == 2
    assert len(scene.mailer.sent) == 3


def test_while_nothing_is_ready_the_server_is_probed(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    scene.mailer.answers = [AWAY]
    scene.mailer.probes = [AWAY, SendResult(SendOutcome.SENT)]
    scene.dispatcher.run_once()
    scene.later(1)
    scene.dispatcher.run_once()
    assert scene.dispatcher.breaker.failures == 2
    scene.later(2)
    scene.dispatcher.run_once()
    assert not scene.dispatcher.breaker.is_open


def test_a_line_cut_after_the_mail_was_written_makes_it_uncertain(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    scene.mailer.answers = [CUT_OFF]
    scene.dispatcher.run_once()
    scene.later(10)
    scene.dispatcher.run_once()
    assert [(each.attempts, each.uncertain) for each in scene.published] == [(2, True)]
    assert scene.counted("uncertain") == 1


def test_stopping_gives_back_what_was_not_begun(scene: Any, given: Any) -> None:
    due(scene, given, "a", "b")
    scene.mailer.before = scene.dispatcher.stop
    scene.dispatcher.run_once()
    assert sorted(states(scene)) == [(State.DELIVERED, 1), (State.DUE, 0)]
    assert scene.dispatcher.run_once() == 0


def test_no_attempt_is_begun_late_in_the_lease(scene: Any, given: Any) -> None:
    due(scene, given, "a", "b")
    scene.mailer.before = lambda: scene.later(30)
    scene.dispatcher.run_once()
    assert sorted(states(scene)) == [(State.DELIVERED, 1), (State.DUE, 0)]


def test_what_was_sent_while_the_database_went_away_is_recorded_when_it_is_back(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    begin, broken = scene.begin, [False]

    def flaky() -> Any:
        if broken[0]:
            raise DatabaseUnavailable
        return begin()

    scene.begin = flaky
    scene.dispatcher = scene.process()
    scene.mailer.before = lambda: broken.__setitem__(0, True)
    with pytest.raises(DatabaseUnavailable):
        scene.dispatcher.run_once()
    scene.mailer.before = lambda: None
    broken[0] = False
    assert scene.dispatcher.pause(60) == 0
    scene.dispatcher.run_once()
    assert [each.attempts for each in scene.published] == [1]
    assert len(scene.mailer.sent) == 1


def test_an_overtaken_notice_is_dropped_at_the_last_moment(scene: Any, given: Any) -> None:
    due(scene, given, "a")
    scene.mailer.answers = [BUSY]
    scene.mailer.before = lambda: scene.deliver(given.routed("a", sequence=2))
    scene.dispatcher.run_once()
    scene.mailer.before = lambda: None
    scene.later(10)
    scene.dispatcher.run_once()
    assert len(scene.mailer.sent) == 1
    assert scene.counted("overtaken") == 1
    assert [each.state for each in scene.notices] == [State.DELIVERED]


def test_an_overtaken_notice_that_may_have_gone_out_is_kept_and_counted(scene: Any, given: Any) -> None:
    due(scene, given, "a")

    def crash() -> None:
        raise KeyboardInterrupt

    scene.mailer.before = crash
    with pytest.raises(KeyboardInterrupt):
        scene.dispatcher.run_once()
    scene.mailer.before = lambda: None
    scene.deliver(given.routed("a", sequence=2))
    scene.later(61)
    scene.dispatcher.run_once()
    assert len(scene.mailer.sent) == 1
    assert sorted((each.state, each.uncertain) for each in scene.notices) == [
        (State.DELIVERED, False),
        (State.OVERTAKEN, True),
    ]
    assert (scene.counted("overtaken"), scene.counted("uncertain")) == (1, 1)


def test_a_contact_no_key_opens_waits_and_does_not_hold_up_the_others(scene: Any, given: Any) -> None:
    due(scene, given, "a", "b")
    scene.store.contacts["a"] = scene.store.contacts["a"].__class__("a", "x", 1, "en", "gAAAAA", scene.now)
    contact = scene.store.contacts["a"]
    scene.store.notices = {
        each.id: each if each.concern_id == "b" else each.__class__(**_fields(each) | {"contact_id": contact.event_id})
        for each in scene.notices
    }
    scene.dispatcher.run_once()
    assert [each.recipient for each in scene.mailer.sent] == ["b@example.org"]
    assert sorted(states(scene)) == [(State.DELIVERED, 1), (State.DUE, 1)]
    assert scene.counted("unreadable") == 1


def _fields(value: Any) -> dict[str, Any]:
    return {each: getattr(value, each) for each in value.__dataclass_fields__}


def test_a_batch_is_bounded(scene: Any, given: Any) -> None:
    due(scene, given, *(f"c{number}" for number in range(BATCH + 8)))
    assert [scene.dispatcher.run_once() for _ in range(3)] == [BATCH, 8, 0]
    assert len({each.recipient for each in scene.mailer.sent}) == BATCH + 8
