"""What is known of a concern does not depend on the order of its events, nor on how often they come."""

from hypothesis import given
from hypothesis import strategies as st
from metric_events import AT, after, delivered, failed, received, routed, unroutable

from concord_contracts import CATALOGUE
from concord_metrics.domain.fact import MEASURED, Fact, merge

SOME = (
    received(occurred_at=after(-90)),
    received(category="graffiti"),
    routed(sequence=1),
    routed(sequence=3, area="C6", team="c6", routed_at=after(50), border=True),
    routed(sequence=3, area="D4", team="d4", routed_at=after(40)),
    unroutable(sequence=2),
    unroutable(sequence=1, reason="placeholder", decided_at=after(1)),
    delivered(delivered_at=after(9)),
    delivered(delivered_at=after(8)),
    failed(),
    delivered(notice="reminder"),
)


def taken_in(events):
    fact = Fact("c1")
    for each in events:
        fact = merge(fact, each)
    return fact


@given(st.data(), st.lists(st.sampled_from(SOME), max_size=12))
def test_any_order_and_any_number_of_times_end_in_the_same_fact(data, events):
    shuffled = data.draw(st.permutations(events))
    repeated = shuffled + data.draw(st.lists(st.sampled_from(events), max_size=5) if events else st.just([]))

    assert taken_in(repeated) == taken_in(events)


def test_every_public_message_is_measured():
    assert {each.data for each in CATALOGUE.values() if each.public} == set(MEASURED)


def test_intake_stands_above_what_routing_repeats():
    fact = taken_in([routed(category="graffiti", received_at=after(7)), received()])

    assert fact.received
    assert (fact.origin.category, fact.origin.received_at) == ("noise", AT)


def test_routing_alone_tells_how_a_concern_came_in():
    fact = taken_in([routed()])

    assert not fact.received
    assert (fact.origin.category, fact.origin.channel) == ("noise", "web")


def test_the_latest_choice_of_routing_stands_and_the_first_is_timed():
    fact = taken_in([routed(sequence=2, area="C6", team="c6", routed_at=after(60)), routed(sequence=1)])

    assert (fact.outcome.area, fact.outcome.team, fact.outcome.in_triage) == ("C6", "c6", False)
    assert fact.routed_at == after(2)


def test_a_person_s_choice_ends_triage_but_it_is_known_that_no_rule_could_route():
    fact = taken_in([routed(sequence=2), unroutable(sequence=1)])

    assert not fact.outcome.in_triage
    assert fact.unroutable_at is not None


def test_only_acknowledgements_are_timed():
    assert taken_in([delivered(notice="reminder"), failed(notice="reminder")]) == Fact("c1")
