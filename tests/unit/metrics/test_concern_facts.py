"""What is known of a concern does not depend on the order of its events, nor on how often they come."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_events import (
    AT,
    acknowledged,
    after,
    answered,
    at_risk,
    closed,
    declined,
    delivered,
    failed,
    feedback,
    fell_silent,
    kept,
    made,
    made_together,
    missed,
    objected,
    promised,
    reassigned,
    received,
    referred,
    renegotiated,
    reopened,
    resolved,
    routed,
    unanswered,
    undecided,
    unroutable,
    updated,
    withdrawn,
)

from concord_contracts import CATALOGUE
from concord_metrics.domain.case_timeline import timeline_of
from concord_metrics.domain.concern_facts import FACT_OF, Fact, merge_event, merge_facts
from concord_metrics.domain.promises import KEPT, MISSED, PENDING, Promise, PromiseStatus

SOME = (
    received(occurred_at=after(-90)),
    received(category="graffiti"),
    replace(received(), recorded=after(99_999)),
    routed(sequence=1),
    routed(sequence=3, area="C6", team="c6", routed_at=after(50), border=True),
    routed(sequence=3, area="D4", team="d4", routed_at=after(40)),
    unroutable(sequence=2),
    unroutable(sequence=1, reason="placeholder", decided_at=after(1)),
    delivered(delivered_at=after(9)),
    delivered(delivered_at=after(8)),
    failed(),
    delivered(notice="resolved"),
    delivered(notice="declined", delivered_at=after(3)),
    failed(notice="update"),
    acknowledged(acknowledged_at=after(70)),
    acknowledged(sequence=6),
    updated(),
    reassigned(),
    reassigned(sequence=7, area=None, team="d4"),
    referred(),
    resolved(),
    resolved(sequence=8, resolved_at=after(99_000)),
    declined(team=None),
    reopened(),
    reopened(sequence=9, initiator="officer"),
    closed(),
    closed(sequence=10, closed_at=after(80_000)),
    made(),
    made_together(promised(), promised("p2", "response")),
    made_together(promised("p2", "response"), promised("p3", due_at=after(7)), sequence=6),
    made("p2", sequence=3, promise="response"),
    at_risk(sequence=4),
    renegotiated(sequence=5),
    renegotiated(sequence=7, due_at=after(20_000)),
    kept(sequence=8),
    missed("p2", sequence=9),
    missed("p2", sequence=9, due_at=after(9_000)),
    fell_silent(),
    answered(),
    unanswered(),
    undecided(),
    withdrawn(),
    feedback(),
    feedback(resolution=8, fixed=False, voice=1),
    feedback(resolution=8, voice=None, respect=None),
    objected(),
)


def taken_in(events):
    fact = Fact("c1")
    for each in events:
        fact = merge_event(fact, each)
    return fact


@given(st.data(), st.lists(st.sampled_from(SOME), max_size=16))
def test_any_order_and_any_number_of_times_end_in_the_same_fact(data, events):
    shuffled = data.draw(st.permutations(events))
    repeated = shuffled + data.draw(st.lists(st.sampled_from(events), max_size=5) if events else st.just([]))

    assert taken_in(repeated) == taken_in(events)


@given(st.lists(st.sampled_from(SOME), max_size=12), st.lists(st.sampled_from(SOME), max_size=12))
def test_two_tellings_joined_are_one_telling_of_all(some, others):
    assert merge_facts(taken_in(some), taken_in(others)) == taken_in(some + others)
    assert merge_facts(taken_in(others), taken_in(some)) == taken_in(some + others)


def test_every_public_message_has_an_entry():
    public = {message_type.data for message_type in CATALOGUE.values() if message_type.public}
    missing = sorted(data.__name__ for data in public - set(FACT_OF))
    assert not missing, f"Add an entry to FACT_OF in concord_metrics/domain/concern_facts.py for: {', '.join(missing)}."
    assert set(FACT_OF) == public


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


def test_of_a_past_the_notice_says_nothing_of_how_long_it_took():
    past = replace(received(), recorded=after(99_999))
    fact = taken_in([past, routed(), delivered(delivered_at=after(99_999))])

    assert fact.received
    assert (fact.acknowledged_at, fact.notified_at) == (after(99_999), None)
    assert fact == taken_in([delivered(delivered_at=after(99_999)), routed(), received(), past])


def test_only_acknowledgements_are_timed():
    fact = taken_in([delivered(notice="update"), failed(notice="update")])

    assert (fact.acknowledged_at, fact.failed_at, fact.feedback.reachable) == (None, None, True)


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ([], None),
        ([delivered()], None),
        ([routed()], "open"),
        ([unroutable()], "open"),
        ([routed(), acknowledged(), updated()], "open"),
        ([routed(), referred()], "referred"),
        ([routed(), referred(sequence=2), reassigned(sequence=3)], "open"),
        ([routed(), resolved()], "resolved"),
        ([unroutable(), declined(team=None)], "declined"),
        ([routed(), resolved(), reopened()], "open"),
        ([routed(), resolved(), reopened(), closed()], "closed"),
        ([routed(), resolved(), closed(sequence=5), reopened(sequence=6)], "open"),
        ([routed(), resolved(), updated(sequence=9)], "resolved"),
        ([resolved()], "resolved"),
    ],
)
def test_a_case_stands_as_the_highest_sequence_says_in_whatever_order_it_is_told(events, standing):
    assert taken_in(events).status == taken_in(reversed(events)).status == standing


def test_the_notice_and_the_person_who_acknowledge_are_kept_apart():
    fact = taken_in([routed(), delivered(), acknowledged()])

    assert (fact.acknowledged_at, fact.actions.acknowledged_at) == (after(4), after(60))


@pytest.mark.parametrize(
    ("events", "moment"),
    [
        ([routed(), delivered(), reassigned(), reopened(), closed()], None),
        ([acknowledged(), updated(), resolved()], after(60)),
        ([resolved(), updated()], after(120)),
        ([resolved(), referred()], after(240)),
        ([declined(), closed()], after(300)),
        ([resolved()], after(7200)),
    ],
)
def test_the_first_word_is_whatever_a_person_said_first(events, moment):
    assert taken_in(events).actions.first_word_at == moment


def test_the_first_acknowledgement_and_the_first_resolution_are_timed():
    fact = taken_in([resolved(sequence=9, resolved_at=after(99)), acknowledged(acknowledged_at=after(8)), resolved()])

    assert (fact.actions.acknowledged_at, fact.actions.resolved_at) == (after(8), after(99))


def test_each_reopening_counts_once_however_often_it_is_told():
    fact = taken_in([reopened(), reopened(sequence=9), reopened()])

    assert fact.actions.reopenings == {5, 9}


def test_another_team_has_it_and_triage_ends_with_a_persons_choice():
    fact = taken_in([reassigned(sequence=2, from_team=None), unroutable(sequence=1)])

    assert (fact.outcome.area, fact.outcome.team, fact.outcome.in_triage) == ("C6", "c6", False)
    assert fact.routed_at == after(30)
    assert taken_in([reassigned(), routed()]).outcome.team == "c6"
    assert taken_in([reassigned(), routed()]).routed_at == after(2)


def test_a_worked_case_alone_tells_how_the_concern_came_in():
    fact = taken_in([acknowledged(category="graffiti")])

    assert not fact.received
    assert fact.origin.category == "graffiti"
    assert fact.outcome is None


@pytest.mark.parametrize(
    ("events", "states"),
    [
        ([made()], ["pending"]),
        ([made(), at_risk()], ["at_risk"]),
        ([made(), at_risk(), renegotiated()], ["pending"]),
        ([made(), at_risk(), kept()], ["kept"]),
        ([missed()], ["missed"]),
        ([made(), kept(), made("p2", 9)], ["kept", "pending"]),
    ],
)
def test_a_promise_stands_as_the_highest_sequence_says(events, states):
    assert [each.state for each in taken_in(events).promises] == states
    assert taken_in(reversed(events)) == taken_in(events)


TOGETHER = made_together(promised("p2", "response", after(86_400)), promised())
"""Not in the order of their ids."""


def test_promises_made_together_are_each_their_own():
    assert taken_in([TOGETHER]).promises == (
        Promise("p1", "case-c1", "acknowledgement", PromiseStatus(2, PENDING, after(3600))),
        Promise("p2", "case-c1", "response", PromiseStatus(2, PENDING, after(86_400))),
    )


@given(st.permutations([TOGETHER, kept(), missed("p2", 5, promise="response"), TOGETHER]))
def test_what_became_of_promises_made_together_may_come_first(events):
    assert taken_in(events).promises == (
        Promise("p1", "case-c1", "acknowledgement", PromiseStatus(4, KEPT, after(3600))),
        Promise("p2", "case-c1", "response", PromiseStatus(5, MISSED, after(3600))),
    )


def test_the_time_given_last_is_the_time_promised():
    fact = taken_in([renegotiated(due_at=after(9_000)), made()])

    assert [(each.due_at, each.renegotiations) for each in fact.promises] == [(after(9_000), (4,))]


def test_only_a_case_that_the_city_has_is_at_risk():
    promised = [routed(), made(), made("p2", 2, due_at=after(50)), at_risk(), at_risk("p2", 3, due_at=after(50))]

    assert [each.promise_id for each in taken_in(promised).at_risk] == ["p2", "p1"]
    assert taken_in(promised).at_risk_due == after(50)
    assert taken_in([*promised, declined(sequence=9)]).at_risk == []


def test_the_last_answer_counts_and_the_mean_is_of_what_was_rated():
    fact = taken_in([feedback(resolution=8, voice=None, respect=4, neutrality=5, motives=4), feedback(voice=1)])

    assert [each.resolution for each in fact.feedback.answers] == [4, 8]
    assert fact.feedback.answer.score == Fraction(13, 3)
    assert taken_in([feedback(voice=None, respect=None, neutrality=None, motives=None)]).feedback.answer.score is None


HISTORY = [
    replace(received(), recorded=after(99_999)),
    routed(),
    made(),
    missed(sequence=3),
    resolved(sequence=4, resolved_at=after(50)),
    kept(sequence=5, kept_at=after(50)),
    reopened(sequence=6, reopened_at=after(200_000)),
    renegotiated(sequence=7, due_at=after(40), due_before=after(3600)),
    missed(sequence=8, due_at=after(40), missed_at=after(40)),
    resolved(sequence=9, resolved_at=after(150_000)),
]
"""A record that a later import closed in time; then it was reopened, got an earlier target and was closed again."""


@given(st.permutations(HISTORY), st.integers(0, len(HISTORY)))
def test_an_imported_history_that_moved_on_counts_by_its_recorded_times(events, twice):
    fact = taken_in([*events, *events[:twice]])

    assert (fact.status, fact.actions.resolved_at, fact.actions.reopenings) == ("resolved", after(50), frozenset({6}))
    assert [(each.state, each.due_at) for each in fact.promises] == [(MISSED, after(40))]
    before_the_reopening = taken_in([event for event in events if event.sequence <= 5])
    assert [each.state for each in before_the_reopening.promises] == [KEPT]


@given(st.permutations([received(), unroutable(), closed(sequence=2, team=None, closed_at=after(60))]))
def test_a_record_that_no_rule_routed_ends_when_the_city_closed_it(events):
    fact = taken_in(events)

    assert (fact.status, fact.actions.closed_at, fact.actions.resolved_at) == ("closed", after(60), None)
    assert timeline_of(fact).ended_at == after(60)
