"""The broker's words name the refused message, tell what else it refuses, and come with what to do."""

from dataclasses import replace

from concord_bus.domain.refusals import Destination, Refusal, destination_of
from concord_bus.domain.stored_messages import Outgoing

EXCHANGE_REFUSED = "ACCESS_REFUSED - access to exchange 'concord.private' in vhost '/' refused for user 'intake'"
TOPIC_REFUSED = (
    "ACCESS_REFUSED - access to topic 'concern.routed.v1.A1.noise' in exchange 'concord.events' in vhost '/'"
    " refused for user 'intake'"
)
NO_EXCHANGE = "NOT_FOUND - no exchange 'concord.private' in vhost '/'"
TOO_LARGE = "PRECONDITION_FAILED - message size 2000 is larger than configured max size 1000"


def row(
    seq: int, exchange: str = "concord.events", key: str = "concern.received.v1.A1.noise", size: int = 10
) -> Outgoing:
    return Outgoing(seq, f"e{seq}", "c1", exchange, key, b"x" * size, exchange == "concord.private", 0.0)


FIRST = row(1)
PRIVATE = row(2, "concord.private", "concern.submitted.v1._.noise")
ROUTED = row(3, key="concern.routed.v1.A1.noise")
LARGE = row(4, size=2000)
ALL = [FIRST, PRIVATE, ROUTED, LARGE]


def test_the_words_name_the_refused_one_among_those_on_their_way() -> None:
    assert Refusal(403, EXCHANGE_REFUSED).culprit(ALL) is PRIVATE
    assert Refusal(403, TOPIC_REFUSED).culprit(ALL) is ROUTED
    assert Refusal(404, NO_EXCHANGE).culprit(ALL) is PRIVATE
    assert Refusal(406, TOO_LARGE).culprit(ALL) is LARGE


def test_the_first_that_fits_is_meant_because_the_broker_works_in_order() -> None:
    assert Refusal(404, NO_EXCHANGE).culprit([FIRST, PRIVATE, replace(PRIVATE, seq=9)]) is PRIVATE


def test_words_that_name_none_leave_it_open_unless_there_is_only_one() -> None:
    cut = Refusal(403, TOPIC_REFUSED.replace("concern.routed.v1.A1.noise", "concern.routed.v1.A1"))
    assert cut.culprit(ALL) is None
    assert Refusal(541, "INTERNAL_ERROR").culprit(ALL) is None
    assert Refusal(406, "PRECONDITION_FAILED - timeout").culprit(ALL) is None
    assert Refusal(541, "INTERNAL_ERROR").culprit([FIRST]) is FIRST
    assert Refusal(541, "INTERNAL_ERROR").culprit([]) is None


def test_a_missing_right_or_exchange_concerns_all_that_go_there_and_a_size_one_row() -> None:
    assert Refusal(403, EXCHANGE_REFUSED).scope(PRIVATE) == Destination("concord.private")
    assert Refusal(404, NO_EXCHANGE).scope(PRIVATE) == Destination("concord.private")
    assert Refusal(403, TOPIC_REFUSED).scope(ROUTED) == Destination("concord.events", "concern.routed.v1.")
    assert Refusal(406, TOO_LARGE).scope(LARGE) is None
    assert Refusal(541, "INTERNAL_ERROR").scope(FIRST) is None


def test_a_destination_covers_its_type_and_no_other() -> None:
    routed = destination_of(ROUTED)
    assert routed.covers(ROUTED)
    assert not routed.covers(FIRST)
    assert not routed.covers(replace(ROUTED, exchange="concord.private"))
    assert not routed.covers(replace(ROUTED, routing_key="concern.routed.v10.A1.noise"))
    assert Destination("concord.events").covers(ROUTED)
    assert (str(routed), str(Destination("concord.events"))) == (
        "concern.routed.v1 on concord.events",
        "everything on concord.events",
    )


def test_every_refusal_says_what_to_do() -> None:
    for code in (403, 404):
        assert "concord topology apply" in Refusal(code, "…").remedy
    assert "max_message_size" in Refusal(406, "…").remedy
    assert "broker's log" in Refusal(541, "…").remedy
