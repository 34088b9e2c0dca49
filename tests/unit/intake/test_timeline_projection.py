"""What routing did is kept the same whatever the order of arrival."""

import random
from datetime import timedelta

import pytest
from residents import NOW, WORKED, routed, unroutable, worked
from tests.memory.bus import MemoryBus
from tests.memory.intake import MemoryStore

from concord_intake.application.timeline_projection import HANDLERS
from concord_intake.domain.timeline import PromisedTimes, Step, current_team_step, in_order, promised_times, status_of

STORY = [
    unroutable(1),
    worked("reassigned", 2, from_team=None),
    worked("acknowledged", 3),
    worked("updated", 4),
    worked("updated", 5, waiting=True),
    worked("reassigned", 6, team="d4", team_name="West team", from_team="c6"),
    worked("referred", 7),
    worked("resolved", 8),
    worked("reopened", 9, acknowledge_by=NOW + timedelta(hours=1), respond_by=NOW + timedelta(days=1)),
    worked("declined", 10),
    worked("closed", 11, after="declined"),
]
TOLD = [
    "unroutable",
    "routed",
    "acknowledged",
    "updated",
    "waiting",
    "reassigned",
    "referred",
    "resolved",
    "reopened",
    "declined",
    "closed",
]


def followed(*events: object) -> tuple[Step, ...]:
    store = MemoryStore()
    bus = MemoryBus(store, HANDLERS)
    bus.deliver(*events)
    assert not bus.parked
    return in_order(store.steps("c1"))


def test_a_concern_without_news_is_received() -> None:
    assert status_of([]) == "received"


@pytest.mark.parametrize("seed", range(20))
def test_order_duplicates_and_batches_do_not_matter(seed: int) -> None:
    events = [unroutable(1), routed(2), routed(3), unroutable(1, "c2"), routed(1, "c3")]
    chance = random.Random(seed)
    arriving = events + chance.sample(events, 3)
    chance.shuffle(arriving)
    store = MemoryStore()
    bus = MemoryBus(store, HANDLERS)
    while arriving:
        size = chance.randint(1, 4)
        bus.deliver(*arriving[:size])
        arriving = arriving[size:]
    steps = in_order(store.steps("c1"))
    assert [(step.sequence, step.status) for step in steps] == [(1, "unroutable"), (2, "routed"), (3, "routed")]
    assert (steps[0].reason, steps[2].team) == ("outside", "team-3")
    assert [status_of(in_order(store.steps(each))) for each in ("c1", "c2", "c3")] == ["routed", "unroutable", "routed"]
    assert not bus.parked


@pytest.mark.parametrize("seed", range(20))
def test_a_worked_case_is_told_in_order_and_each_thing_once(seed: int) -> None:
    chance = random.Random(seed)
    arriving = STORY + chance.sample(STORY, 5)
    chance.shuffle(arriving)
    steps = followed(*arriving)
    assert [step.sequence for step in steps] == list(range(1, 12))
    assert [step.status for step in steps] == TOLD
    assert [step.at for step in steps] == [NOW + timedelta(minutes=number) for number in range(1, 12)]
    assert status_of(in_order(steps[::-1])) == "closed"


def test_every_event_of_a_worked_case_is_followed() -> None:
    assert {f"concern.{each}.v1" for each in WORKED} < set(HANDLERS)


def test_the_team_that_was_chosen_last_has_it_until_a_person_is_to_choose() -> None:
    told = routed(1), worked("reassigned", 2, team="d4", team_name="West team"), worked("acknowledged", 3)
    found = current_team_step(followed(*told))
    assert found is not None
    assert (found.team, found.team_name) == ("d4", "West team")
    assert current_team_step(followed(*told, unroutable(4))) is None
    assert current_team_step(followed(worked("acknowledged", 1))) is None


def test_promised_times_stand_until_the_work_ends_and_are_made_anew_when_it_is_reopened() -> None:
    at = NOW + timedelta(minutes=1)
    first = PromisedTimes(at + timedelta(hours=1), at + timedelta(days=1))
    told = routed(1), worked("acknowledged", 2), worked("updated", 3), worked("reassigned", 4)
    assert promised_times(followed(*told)) == first
    ended = *told, worked("resolved", 5)
    assert promised_times(followed(*ended)) == PromisedTimes()
    again = NOW + timedelta(days=9)
    assert promised_times(followed(*ended, worked("reopened", 6))) == PromisedTimes()
    assert promised_times(followed(*ended, worked("reopened", 6, respond_by=again))) == PromisedTimes(None, again)
