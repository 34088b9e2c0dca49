"""A team hears of its cases: facts alone, once, at once or in a daily digest, and nothing of an imported past."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

from concord_contracts import Event
from concord_notification.mail.send_result import SendOutcome, SendResult
from concord_notification.notices.domain.delivery import State
from concord_notification.notices.domain.team_policy import DigestLine, TeamMailbox, next_digest

AT_ONCE = TeamMailbox("d4@example.org")
DAILY = TeamMailbox("d4@example.org", time(7))
TO_MORNING = 21 * 3600
"""From 10:00 in Boston, where the scene begins, to the digest of the next day at 7:00, in seconds."""


def send(scene: Any, *, seconds: float = 60) -> list[Any]:
    """Send what is due within the next seconds; all mails to the team so far."""
    for wait in (0, seconds):
        scene.later(wait)
        scene.dispatcher.pause(60)
        scene.dispatcher.run_once()
    return [each for each in scene.mailer.sent if each.recipient == "d4@example.org"]


def told(scene: Any) -> list[str]:
    return sorted(each.notice for each in scene.notices if each.to_team)


SUBJECTS = [
    (lambda given: given.routed("a"), "New case case-a: noise"),
    (lambda given: given.worked("reassigned", "a", 2), "Case case-a is with your team now: noise"),
    (lambda given: given.worked("answered", "a", 3), "The resident has answered in case case-a: noise"),
    (lambda given: given.worked("reopened", "a", 4, initiator="officer"), "Case case-a is open again: noise"),
    (lambda given: given.at_risk("a", 5), "A promise is about to be missed in case case-a: noise"),
]


@pytest.mark.parametrize(("event", "subject"), SUBJECTS)
def test_a_team_hears_of_each_event_at_once_without_a_word_of_the_resident(
    scene: Any, given: Any, event: Callable[[Any], Event[Any]], subject: str
) -> None:
    scene.teams["d4"] = AT_ONCE
    scene.deliver(event(given), given.contact("a", name="Ana"))
    scene.dispatcher.run_once()
    [mail] = [each for each in scene.mailer.sent if each.recipient == "d4@example.org"]
    assert mail.subject == subject
    assert "https://desk.example.org/desk/cases/case-a\n" in mail.body
    assert "case-a, noise, D4." in mail.body
    assert not any(secret in mail.body for secret in ("Ana", "a@", "/track", "None"))
    assert [each.notice for each in scene.published if each.notice.startswith("team")] == []
    assert send(scene) == [mail]


@pytest.mark.parametrize("mailbox", [None, replace(AT_ONCE, address="nobody")])
def test_a_team_without_a_mailbox_gets_nothing(scene: Any, given: Any, mailbox: TeamMailbox | None) -> None:
    if mailbox:
        scene.teams["d4"] = mailbox
    scene.deliver(given.routed("a"))
    assert send(scene) == []
    assert all(each.state is State.FAILED for each in scene.notices)


def test_an_import_tells_no_team(scene: Any, given: Any) -> None:
    scene.teams["d4"] = AT_ONCE
    begun = replace(given.routed("a"), recorded=scene.now + timedelta(days=100))
    scene.deliver(given.at_risk("a", 3), begun, given.contact("a"))
    assert told(scene) == []
    scene.deliver(given.worked("answered", "a", 4))
    assert told(scene) == ["team_answered"]


@pytest.mark.parametrize("mailbox", [AT_ONCE, DAILY])
def test_a_team_hears_of_new_events_alone_when_it_begins_to_get_mails(
    scene: Any, given: Any, mailbox: TeamMailbox
) -> None:
    scene.deliver(given.routed("a"))
    scene.teams["d4"] = mailbox
    scene.deliver(given.worked("answered", "a", 4), given.contact("a"))
    assert [each.subject for each in send(scene, seconds=TO_MORNING)] in (
        ["The resident has answered in case case-a: noise"],
        ["What is new in the cases of your team (1)"],
    )


@pytest.mark.parametrize("what", ["resolved", "declined", "referred", "closed", "reassigned", "withdrawn"])
@pytest.mark.parametrize("new_first", [True, False])
def test_what_is_over_is_not_told(scene: Any, given: Any, what: str, new_first: bool) -> None:
    scene.teams["d4"] = AT_ONCE
    end = given.withdrawn("a") if what == "withdrawn" else given.worked(what, "a", 3)
    line = [given.routed("a"), end]
    for each in line if new_first else reversed(line):
        scene.deliver(each)
    assert "team_routed" not in told(scene)


def test_a_digest_tells_the_events_of_a_day_once(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(given.routed("a"), given.routed("b"), given.worked("answered", "a", 2))
    assert send(scene) == []
    scene.deliver(given.routed("c"), given.worked("resolved", "c", 3))
    [mail] = send(scene, seconds=TO_MORNING)
    assert mail.subject == "What is new in the cases of your team (3)"
    assert [mail.body.count(f"case-{concern}, noise") for concern in "abc"] == [2, 1, 0]
    assert "due by Tuesday, November 24, 2026, 10:00 AM." in mail.body
    assert "\n\n\n" not in mail.body
    assert send(scene, seconds=3 * 86400) == [mail]
    assert scene.store.lines == {}
    assert scene.published == []


def test_a_digest_at_the_citys_hour(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(given.routed("a"))
    send(scene)
    [digest] = scene.notices
    assert digest.due_at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert send(scene, seconds=TO_MORNING - 180) == []
    assert len(send(scene, seconds=180)) == 1


def test_nothing_new_no_mail(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(given.routed("a"))
    send(scene)
    scene.deliver(given.worked("closed", "a", 2))
    assert send(scene, seconds=TO_MORNING) == []
    assert (scene.notices, scene.store.lines) == ([], {})


def test_a_digest_lists_twenty_events_and_counts_the_others(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(*(given.routed(f"c{number:02}") for number in range(23)))
    send(scene)
    [mail] = send(scene, seconds=TO_MORNING)
    assert mail.body.count("A new case:") == 20
    assert "And 3 more.\nhttps://desk.example.org/desk\n" in mail.body


def test_a_digest_that_is_tried_again_tells_the_same_and_leaves_the_new_to_the_next(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(given.routed("a"))
    send(scene)
    scene.mailer.answers = [SendResult(SendOutcome.RETRY, "451")]
    assert send(scene, seconds=TO_MORNING) == []
    scene.deliver(given.routed("b"))
    [first] = send(scene, seconds=30)
    assert "case-b" not in first.body
    send(scene)
    _, second = send(scene, seconds=86400)
    assert ("case-a" in second.body, "case-b" in second.body) == (False, True)
    assert first.id != second.id


def test_a_team_that_changes_to_mails_at_once_gets_its_last_digest(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(given.routed("a"))
    scene.teams["d4"] = AT_ONCE
    scene.deliver(given.routed("b"))
    assert [mail.subject for mail in send(scene, seconds=TO_MORNING)] == [
        "New case case-b: noise",
        "What is new in the cases of your team (1)",
    ]


def test_a_team_that_wants_no_digest_any_more_gets_none(scene: Any, given: Any) -> None:
    scene.teams["d4"] = DAILY
    scene.deliver(given.routed("a"))
    del scene.teams["d4"]
    assert send(scene, seconds=TO_MORNING) == []
    assert scene.store.lines == {}


def test_lines_that_no_digest_took_are_dropped_when_nobody_wants_them(scene: Any, given: Any) -> None:
    scene.store.keep_digest_lines([DigestLine("routed-a", "a", "d4")])
    send(scene)
    assert (scene.store.lines, scene.notices) == ({}, [])


NEXT = [
    ("2026-11-23T15:00", "07:00", "2026-11-24T12:00"),
    ("2026-11-24T11:59", "07:00", "2026-11-24T12:00"),
    ("2026-11-24T12:00", "07:00", "2026-11-25T12:00"),
    ("2026-03-07T12:00", "07:00", "2026-03-08T11:00"),  # the clocks go forward in the night
    ("2026-03-08T05:30", "02:30", "2026-03-08T07:30"),  # they skip 02:30
    ("2026-11-01T04:30", "01:30", "2026-11-01T05:30"),  # they show 01:30 twice
    ("2026-11-01T05:30", "01:30", "2026-11-02T06:30"),
]


@pytest.mark.parametrize(("now", "digest_at", "expected"), NEXT)
def test_the_next_digest_by_the_clocks_of_the_city(now: str, digest_at: str, expected: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    due = next_digest(time.fromisoformat(digest_at), ZoneInfo("America/New_York"), at)
    assert due == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def team_story(given: Any) -> list[Event[Any]]:
    return [
        *(given.routed("a"), given.worked("answered", "a", 2), given.at_risk("a", 3), given.contact("a")),
        *(given.routed("b"), given.worked("reassigned", "b", 2, team="works"), given.at_risk("b", 3, team="works")),
        *(given.routed("c"), given.worked("resolved", "c", 2), given.worked("reopened", "c", 3)),
        *(given.routed("d"), given.withdrawn("d"), given.at_risk("e", 2), given.renegotiated("e", 3)),
    ]


@settings(max_examples=20, deadline=None)
@example(data=st.data())
def test_in_any_order_a_team_hears_the_same(data: st.DataObject, new_scene: Callable[[], Any], given: Any) -> None:
    scene = new_scene()
    scene.teams |= {"d4": AT_ONCE, "works": DAILY}
    events = data.draw(st.permutations(team_story(given)))
    while events:
        size = data.draw(st.integers(1, len(events)))
        scene.deliver(*events[:size])
        events = events[size:]
    told_of = {(each.concern_id, each.notice) for each in scene.notices if each.to_team}
    assert told_of - {("", "team_digest")} == {
        ("a", "team_routed"),
        ("a", "team_answered"),
        ("a", "team_at_risk"),
        ("c", "team_reopened"),
    }
    assert {line.concern_id for line in scene.store.lines.values()} == {"b"}
