"""What a replay does with its part of the stream, without a broker."""

import pytest
from metric_events import delivered, received, routed, worked_story

from concord_contracts import Codec, Keyrings
from concord_metrics.adapters.fact_rows import fact_of
from concord_metrics.application.rebuild import Stretch, folded
from concord_metrics.domain.concern_facts import Fact, joined, merge

CODEC = Codec(Keyrings({}))


def stream(events):
    return [(number, CODEC.encode(each).body) for number, each in enumerate(events)]


def facts_of(parts):
    found = {}
    for rows, _, _ in parts:
        for fact in map(fact_of, rows):
            found[fact.concern_id] = joined(found.get(fact.concern_id, Fact(fact.concern_id)), fact)
    return found


@pytest.mark.parametrize(
    ("stretch", "parts", "wanted"),
    [
        (Stretch(0, 9), 2, [Stretch(0, 4), Stretch(5, 9)]),
        (Stretch(7, 9), 2, [Stretch(7, 8), Stretch(9, 9)]),
        (Stretch(5, 5), 4, [Stretch(5, 5)]),
        (Stretch(0, 10), 3, [Stretch(0, 3), Stretch(4, 7), Stretch(8, 10)]),
    ],
)
def test_a_stretch_is_split_without_gap_or_double(stretch, parts, wanted):
    assert stretch.split(parts) == wanted


def test_two_halves_of_a_stream_end_in_the_facts_of_the_whole():
    events = [each for number in range(40) for each in (received(f"c{number}"), routed(f"c{number}"))]
    events += [each for number in range(40) for each in worked_story(f"c{number}", number)]
    events += [delivered(f"c{number}", notice="resolved") for number in range(0, 40, 3)]
    messages = stream(events + events[::4])
    wanted = {}
    for each in events:
        wanted[each.partitionkey] = merge(wanted.get(each.partitionkey, Fact(each.partitionkey)), each)

    half = len(messages) // 2
    assert facts_of([*folded(messages[:half]), *folded(messages[half:])]) == wanted
    assert facts_of(folded(messages)) == wanted


def test_what_no_service_accepts_is_passed_over():
    messages = [(0, None), (1, b"{"), *stream([received()])]
    ((rows, read, skipped),) = folded(messages)

    assert (len(rows), read, skipped) == (1, 3, 2)
