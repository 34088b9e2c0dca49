"""From submitted concerns through the real pipeline to cases, tasks and events, on the store in memory."""

from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
from routing_concerns import AT, BORDER, CITY, EAST, OUTSIDE, PLACEHOLDER, WEST, WORDS, one_of_each_reason, submitted
from tests.memory.bus import MemoryBus
from tests.memory.routing import MemoryStore

from concord_bus.domain.errors import ParkMessage
from concord_bus.unit_of_work import OpenWork
from concord_contracts import new_event
from concord_contracts.messages import Promised, PromiseMade
from concord_routing.application.live_rules import fixed
from concord_routing.entrypoints.event_handlers import event_handlers
from concord_routing.ports import CaseFilter

EVERYTHING = CaseFilter()


@pytest.fixture
def bus():
    return new_bus()


def new_bus():
    return MemoryBus(MemoryStore(), event_handlers(fixed(CITY)), now=lambda: AT)


def cases(bus):
    return {case.concern_id: case for _, case in bus.database.store.cases(EVERYTHING, 0, 10_000)}


def tasks(bus):
    return [task for _, task in bus.database.store.tasks(0, 10_000)]


def decided(bus):
    """What was told of where concerns went."""
    return [each for each in bus.published if each.type in ("concern.routed.v1", "concern.unroutable.v1")]


def keys(bus):
    """Routing keys of what was published, in order."""
    return [row.routing_key for row in bus.database.tables.outbox.values()]


def test_a_batch_is_decided_concern_by_concern(bus):
    bus.deliver(
        submitted("a"), submitted("b", EAST, category="graffiti"), submitted("c", OUTSIDE), submitted("d", BORDER)
    )

    found = cases(bus)
    assert [(each, case.area, case.team) for each, case in found.items()] == [
        ("a", "west", "patrol-west"),
        ("b", "east", "works"),
        ("c", None, None),
        ("d", "west", "patrol-west"),
    ]
    assert [case.border for case in found.values()] == [False, False, False, True]
    assert [task.case_id for task in tasks(bus)] == [found["c"].case_id]
    assert len({case.case_id for case in found.values()}) == 4


def test_area_and_category_are_in_the_routing_key(bus):
    bus.deliver(submitted("a", EAST), submitted("b", PLACEHOLDER, category="graffiti"), submitted("c", category="snow"))

    assert keys(bus) == [
        "concern.routed.v1.east.noise",
        "promise.made.v1.east.noise",
        "concern.unroutable.v1._.graffiti",
        "concern.unroutable.v1._.snow",
    ]


def test_events_name_their_cause_and_are_the_first_of_routing_s(bus):
    cause = replace(submitted("a"), traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    bus.deliver(cause)

    told = bus.published[0]
    assert (told.type, told.source, told.partitionkey, told.sequence) == (
        "concern.routed.v1",
        "/concord/routing",
        "a",
        1,
    )
    assert (told.causationid, told.correlationid, told.traceparent) == (cause.id, "act-a", cause.traceparent)
    assert told.time == told.data.routed_at == AT
    assert told.data.case_id == cases(bus)["a"].case_id


def test_what_is_promised_in_one_decision_is_told_in_one_event(bus):
    bus.deliver(submitted("a"))

    case, told = cases(bus)["a"], bus.published[1]
    assert (told.sequence, told.time, case.sequence) == (2, AT, 2)
    assert told.data == PromiseMade(
        concern_id="a",
        case_id=case.case_id,
        category="noise",
        area="west",
        team="patrol-west",
        channel="web",
        origin="rules",
        made_at=AT,
        promises=(
            Promised(promise_id=f"{case.case_id}-1", promise="acknowledgement", due_at=case.acknowledge_by),
            Promised(promise_id=f"{case.case_id}-2", promise="response", due_at=case.respond_by),
        ),
    )


def test_one_of_each_reason_becomes_an_event_and_a_task(bus):
    line = one_of_each_reason()
    bus.deliver(*line.values())

    assert {concern: case.reason for concern, case in cases(bus).items()} == {each: each for each in line}
    assert {each.partitionkey: each.data.reason for each in bus.published} == {each: each for each in line}
    assert [task.reason for task in tasks(bus)] == list(line)
    assert bus.database.store.counts().by_outcome == dict.fromkeys(line, 1)


def test_a_placeholder_stays_one_whatever_the_category(bus):
    bus.deliver(submitted("a", PLACEHOLDER, category="unicorns"), submitted("b", None, category="unicorns"))

    assert [case.reason for case in cases(bus).values()] == ["placeholder", "no_location"]


def test_a_redelivery_has_no_second_effect(bus):
    event = submitted("a")
    bus.deliver(event, event)
    bus.deliver(event)
    bus.deliver(event, redelivered=True)

    assert len(cases(bus)) == len(decided(bus)) == 1
    assert [each.sequence for each in bus.published] == [1, 2]


def test_a_concern_submitted_again_under_another_id_is_one_case(bus):
    bus.deliver(submitted("a"), submitted("a", EAST))
    bus.deliver(submitted("b"), submitted("a", OUTSIDE))

    assert Counter(each.partitionkey for each in decided(bus)) == {"a": 1, "b": 1}
    assert cases(bus)["a"].area == "west"
    assert tasks(bus) == []
    assert bus.database.store.counts().cases == 2
    assert bus.parked == bus.waiting == []


def test_any_order_with_duplicates_ends_the_same():
    places = (WEST, EAST, OUTSIDE, PLACEHOLDER, BORDER, None)
    events = [submitted(f"c{n}", places[n % 6], category=("noise", "snow", "graffiti")[n % 3]) for n in range(60)]
    events += one_of_each_reason().values()
    ended = []
    for seed in range(4):
        bus, line = new_bus(), events + events[::4]
        Random(seed).shuffle(line)
        for start in range(0, len(line), 9):
            bus.deliver(*line[start : start + 9])
        assert bus.parked == bus.waiting == []
        assert len(decided(bus)) == len(events)
        assert sorted(task.case_id for task in tasks(bus)) == sorted(
            case.case_id for case in cases(bus).values() if case.reason
        )
        same = {concern: replace(case, case_id="", submission="") for concern, case in cases(bus).items()}
        ended.append((same, bus.database.store.counts()))

    assert all(each == ended[0] for each in ended)
    assert ended[0][1].cases == 65
    assert ended[0][1].tasks_open == ended[0][1].unroutable > 0


def test_the_submission_is_kept_as_it_came_encrypted(bus):
    bus.deliver(submitted("a", address="1 Main Street"))

    kept = cases(bus)["a"].submission
    assert WORDS not in kept
    assert WORDS in bus.codec._keyrings.open("routing", kept).decode()


def test_what_is_published_holds_no_words_and_no_exact_place(bus):
    bus.deliver(submitted("a", (-71.0123456, 42.0123456), address="1 Main Street"), *one_of_each_reason().values())

    for row in bus.database.tables.outbox.values():
        for secret in (WORDS, "Main Street", "71.01", "42.01"):
            assert secret not in row.body.decode()


def test_one_that_fails_leaves_the_others_alone(bus):
    """A case id that no event can hold fails the batch, then its own concern alone."""
    ids = iter(["good", "", "good", ""])
    bus = MemoryBus(
        MemoryStore(), event_handlers(fixed(CITY), lambda number: list(islice(ids, number))), now=lambda: AT
    )
    bus.deliver(submitted("a"), submitted("b"))

    assert list(cases(bus)) == ["a"]
    assert [each.partition_key for each in bus.waiting] == ["b"]
    assert [each.partitionkey for each in decided(bus)] == ["a"]


def test_what_came_in_the_clear_is_parked(bus):
    """The codec refuses it; a handler that is given one all the same keeps nothing."""
    store = MemoryStore()
    clear = new_event(submitted("a").data, sequence=2, time=AT)
    with pytest.raises(ParkMessage, match="encrypted"):
        event_handlers(fixed(CITY))["concern.submitted.v1"]([clear], OpenWork(store, AT, bus.codec))
    assert store.counts().cases == 0


def test_an_area_that_the_reporter_chose_stands_for_the_place(bus):
    bus.deliver(submitted("a", None, area="east"), submitted("b", None, area="gone"), submitted("c", WEST, area="east"))

    found = cases(bus)
    assert [(found[name].area, found[name].reason) for name in "abc"] == [
        ("east", None),
        (None, "no_location"),
        ("west", None),
    ]
    assert found["a"].border is False
