"""Redelivered messages run in groups that shrink with each crash: fast for the innocent, and only the deadly parks."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.domain.suspicion import GROUP_SIZES, crashes_alone, largest_group, noted, suspect, suspect_groups
from concord_contracts import Event

from .stage import CODEC, Killed, Stage, delivery, unroutable

WINDOW = 1600


@pytest.fixture
def stage() -> Stage:
    return Stage()


class Commits:
    """Counts the transactions that a stage has begun."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        begin = stage.database.begin

        def counted() -> Any:
            self.count += 1
            return begin()

        monkeypatch.setattr(stage.database, "begin", counted)


def again(events: Sequence[Event[Any]]) -> list[Delivery]:
    return [delivery(event, redelivered=True) for event in events]


def run_until_it_survives(stage: Stage, events: Sequence[Event[Any]], most: int = 100) -> int:
    """Deliver all events again until nothing ends the process; how often it ended."""
    for deaths in range(most):
        try:
            stage.take(*again(events))
        except Killed:
            stage.restart()
        else:
            return deaths
    raise AssertionError(f"it still ends after {most} starts")


@pytest.mark.parametrize(("notes", "size"), [(0, 64), (1, 8), (2, 1), (3, 1), (99, 1)])
def test_a_message_runs_with_fewer_others_the_more_notes_it_has(notes: int, size: int) -> None:
    assert largest_group(notes) == size


@pytest.mark.parametrize(
    ("notes", "size", "after"),
    [(0, 64, 1), (0, 9, 1), (0, 8, 2), (1, 8, 2), (0, 2, 2), (0, 1, 3), (2, 1, 3), (4, 1, 5)],
)
def test_a_note_says_how_small_the_group_was(notes: int, size: int, after: int) -> None:
    assert noted(notes, size) == after


def test_only_a_crash_alone_counts() -> None:
    assert [crashes_alone(notes) for notes in range(6)] == [0, 0, 0, 1, 2, 3]


@given(st.lists(st.integers(0, 6), max_size=200))
def test_every_suspect_is_in_one_group_that_none_of_them_forbids(notes: list[int]) -> None:
    suspects = [suspect(delivery(unroutable("c", number + 1), body=b"%d" % number)) for number in range(len(notes))]
    by_fingerprint = {one.fingerprint: count for one, count in zip(suspects, notes, strict=True)}
    groups = suspect_groups(suspects, by_fingerprint)
    assert sorted(one for group in groups for one in group) == sorted(suspects)
    sizes = [min(largest_group(by_fingerprint[one.fingerprint]) for one in group) for group in groups]
    assert all(len(group) <= size for group, size in zip(groups, sizes, strict=True))
    assert sizes == sorted(sizes, reverse=True), "the least suspicious first"


def test_a_window_that_came_back_takes_two_commits_for_sixty_four(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [unroutable(f"c{number}") for number in range(WINDOW)]
    commits = Commits(stage, monkeypatch)
    stage.take(*again(events))
    assert sorted(stage.done) == sorted(event.id for event in events)
    assert len(stage.calls) == WINDOW / GROUP_SIZES[0]
    assert commits.count == 1 + 2 * WINDOW / GROUP_SIZES[0]
    assert not stage.database.tables.suspects


def test_a_killer_in_a_full_window_is_parked_alone_after_few_deaths(stage: Stage) -> None:
    events = [unroutable(f"c{number}") for number in range(200)]
    stage.let(events[100], Killed())
    deaths = run_until_it_survives(stage, events)
    assert deaths == 5, "among 64, among 8, and three times alone"
    assert [parked.delivery.body for parked in stage.parked] == [delivery(events[100]).body]
    assert stage.parked[0].reason == "the process ended 3 times while handling it"
    assert sorted(stage.done) == sorted(event.id for event in events if event is not events[100])
    assert not stage.database.tables.suspects


def test_those_who_died_with_the_killer_are_not_held_against(stage: Stage) -> None:
    """However many killers there are, an innocent runs again with others or alone, and survives."""
    events = [unroutable(f"c{number}") for number in range(64)]
    killers = events[::9]
    for killer in killers:
        stage.let(killer, Killed())
    run_until_it_survives(stage, events)
    assert sorted(stage.done) == sorted(event.id for event in events if event not in killers)
    bodies = sorted(parked.delivery.body for parked in stage.parked)
    assert bodies == sorted(delivery(killer).body for killer in killers)


def test_a_process_that_ends_among_others_is_no_crash_of_any_of_them(stage: Stage) -> None:
    """The machine loses power again and again, never while one of them is alone."""
    events = [unroutable(f"c{number}") for number in range(4)]
    stage.let(events[0], Killed())
    for _ in range(2):
        with pytest.raises(Killed):
            stage.take(*again(events))
        stage.restart()
    del stage.on[events[0].id]
    stage.take(*again(events))
    assert not stage.parked
    assert len(stage.done) == len(events)


def test_what_took_effect_is_not_deadly_however_often_its_acknowledgement_was_lost(stage: Stage) -> None:
    event = unroutable()
    stage.take(delivery(event))
    stage.database.tables.suspects[delivery(event).fingerprint] = 5
    stage.take(delivery(event, redelivered=True))
    assert not stage.parked
    assert stage.done == [event.id]
    assert not stage.database.tables.suspects


def test_a_message_that_kills_by_being_read_is_parked_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look into the inbox, a deadly message must be read. That happens once."""
    event, innocent = unroutable("c1"), unroutable("c2")
    body, decode = delivery(event).body, CODEC.decode

    def deadly(data: bytes) -> Event[Any]:
        if data == body:
            stage._at_death = dict(stage.database.tables.suspects)
            raise Killed
        return decode(data)

    monkeypatch.setattr(CODEC, "decode", deadly)
    deaths = run_until_it_survives(stage, [event, innocent])
    assert deaths == 5, "in the small group, three times alone, and once to look into the inbox"
    assert [parked.delivery.body for parked in stage.parked] == [body]
    assert stage.done == [innocent.id]


def test_a_dead_letter_that_took_effect_before_is_not_parked(stage: Stage) -> None:
    done, lost = unroutable("c1"), unroutable("c2")
    death = {"x-death": [{"reason": "delivery_limit", "queue": "test.events", "count": 1}]}
    stage.take(delivery(done))
    stage.take(*(delivery(event, queue="test.dead", headers=death) for event in (done, lost)))
    assert [parked.delivery.body for parked in stage.parked] == [delivery(lost).body]
    assert stage.done == [done.id]


def test_the_window_of_a_queue_follows_its_most_suspicious_message(stage: Stage) -> None:
    innocent, suspicious, other = (unroutable(f"c{number}") for number in range(3))
    stage.database.tables.suspects[delivery(suspicious).fingerprint] = 1
    stage.take(*again([innocent, suspicious]), delivery(other, queue="test.more"))
    assert stage.pipeline.windows == {"test.events": 8}
    stage.take(*again([innocent]))
    assert stage.pipeline.windows == {"test.events": 64}
    stage.take(delivery(other))
    assert stage.pipeline.windows == {}


def test_a_batch_that_waits_for_a_resource_is_noted_once(stage: Stage) -> None:
    """The notes are of the same living process, whatever it waits for."""
    events = [unroutable(f"c{number}") for number in range(20)]
    stage.let(events[3], *[ResourceUnavailable("mail server")] * 5, None)
    for _ in range(5):
        with pytest.raises(ResourceUnavailable):
            stage.take(*again(events))
    stage.take(*again(events))
    assert stage.calls[-1] == [event.id for event in events], "still one group"
    assert not stage.parked
