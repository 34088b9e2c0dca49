"""The part of one process in a rebuild, without a broker."""

import pytest
from metric_events import delivered, received, routed, worked_story

from concord_contracts import Codec, Keyrings
from concord_metrics.adapters.fact_rows import fact_of, fact_row
from concord_metrics.application.rebuild import OffsetRange, fold_events
from concord_metrics.domain.concern_facts import Fact, merge_event, merge_facts

CODEC = Codec(Keyrings({}))


def stream(events):
    return [(number, CODEC.encode(each).body) for number, each in enumerate(events)]


def facts_of(parts):
    facts = {}
    for batch in parts:
        for fact in (fact_of(fact_row(fact)) for fact in batch.facts):  # as they travel between processes
            facts[fact.concern_id] = merge_facts(facts.get(fact.concern_id, Fact(fact.concern_id)), fact)
    return facts


@pytest.mark.parametrize(
    ("offsets", "parts", "wanted"),
    [
        (OffsetRange(0, 9), 2, [OffsetRange(0, 4), OffsetRange(5, 9)]),
        (OffsetRange(7, 9), 2, [OffsetRange(7, 8), OffsetRange(9, 9)]),
        (OffsetRange(5, 5), 4, [OffsetRange(5, 5)]),
        (OffsetRange(0, 10), 3, [OffsetRange(0, 3), OffsetRange(4, 7), OffsetRange(8, 10)]),
    ],
)
def test_a_range_is_split_without_gap_or_double(offsets, parts, wanted):
    assert offsets.split(parts) == wanted


def test_two_halves_of_a_stream_end_in_the_facts_of_the_whole():
    events = [each for number in range(40) for each in (received(f"c{number}"), routed(f"c{number}"))]
    events += [each for number in range(40) for each in worked_story(f"c{number}", number)]
    events += [delivered(f"c{number}", notice="resolved") for number in range(0, 40, 3)]
    messages = stream(events + events[::4])
    wanted = {}
    for each in events:
        wanted[each.partitionkey] = merge_event(wanted.get(each.partitionkey, Fact(each.partitionkey)), each)

    half = len(messages) // 2
    assert facts_of([*fold_events(messages[:half]), *fold_events(messages[half:])]) == wanted
    assert facts_of(fold_events(messages)) == wanted


def test_a_message_that_no_service_accepts_is_skipped():
    messages = [(0, None), (1, b"{"), *stream([received()])]
    ((facts, read, skipped, event_ids),) = fold_events(messages)

    assert (len(facts), read, skipped, len(event_ids)) == (1, 3, 2, 1)
