"""The spine's transaction means the same in memory, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.memory.bus import MemoryDatabase

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.tables import metadata
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.refusals import Destination, destination_of
from concord_bus.domain.stored_messages import Claim, Depths
from concord_bus.ports import BusDatabase, Transaction
from concord_contracts import Codec, Encoded, Event, Keyrings, new_event
from concord_contracts.encryption import new_key
from concord_contracts.messages import ConcernReceived, ConcernSubmitted

START = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
NOW = START.timestamp()


class Clock:
    """The present, until told otherwise."""

    def __init__(self) -> None:
        self.seconds = NOW

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, clock: Clock) -> Any:
    if request.param == "memory":
        yield MemoryDatabase(clock=clock)
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    database = Database(url, lambda connection: None, clock)
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec(Keyrings.from_env({"CONCORD_KEYS_ROUTING": new_key()}))


def run(database: BusDatabase, act: Callable[[Transaction], Any]) -> Any:
    """One transaction."""
    with database.begin() as (tx, _):
        return act(tx)


class Undone(Exception):
    """Raised to roll back."""


def undo(database: BusDatabase, act: Callable[[Transaction], Any]) -> None:
    """One transaction that comes to nothing."""

    def act_and_fail(tx: Transaction) -> None:
        act(tx)
        raise Undone

    with pytest.raises(Undone):
        run(database, act_and_fail)


def event(concern: str = "c1") -> Event[ConcernReceived]:
    data = ConcernReceived(
        concern_id=concern,
        category="noise",
        channel="web",
        received_at=START,
        occurred_at=None,
        place="none",
        point=None,
    )
    return new_event(data, sequence=1, time=START)


def private(concern: str = "c1") -> Event[ConcernSubmitted]:
    data = ConcernSubmitted(
        concern_id=concern,
        category="noise",
        channel="web",
        description="Loud music",
        language="en",
        received_at=START,
        occurred_at=None,
        point=None,
        address=None,
    )
    return new_event(data, sequence=2, time=START)


def delivery(body: bytes = b"{}", **changes: Any) -> Delivery:
    plain = Delivery("intake.events", "concord.events", "concern.routed.v1.A1.noise", body, {"h": 1}, {"type": "t"})
    return replace(plain, **changes)


def enqueue(database: BusDatabase, codec: Codec, *events: Event[Any]) -> None:
    encoded: list[tuple[Event[Any], Encoded]] = [(event, codec.encode(event)) for event in events]
    run(database, lambda tx: tx.enqueue(encoded))


# the inbox


def test_an_id_is_unseen_once(database: BusDatabase) -> None:
    assert run(database, lambda tx: tx.add_to_inbox(["a", "b", "a"])) == {"a", "b"}
    assert run(database, lambda tx: tx.add_to_inbox(["b", "c"])) == {"c"}
    assert run(database, lambda tx: tx.add_to_inbox([])) == set()
    assert run(database, lambda tx: tx.depths()).inbox == 3


def test_an_id_seen_in_a_transaction_that_failed_was_not_seen(database: BusDatabase) -> None:
    undo(database, lambda tx: tx.add_to_inbox(["a"]))
    assert run(database, lambda tx: tx.add_to_inbox(["a"])) == {"a"}


def test_ids_are_compared_as_they_are(database: BusDatabase) -> None:
    odd = ["a", "A", "a ", "ä", "a'; DROP TABLE inbox; --", '{"x": [1]}', "%", "\\"]
    assert run(database, lambda tx: tx.add_to_inbox(odd)) == set(odd)
    assert run(database, lambda tx: tx.add_to_inbox(odd)) == set()


def test_only_ids_older_than_the_moment_are_forgotten_and_not_more_than_asked(database: Any, clock: Clock) -> None:
    run(database, lambda tx: tx.add_to_inbox(["old-1", "old-2", "old-3"]))
    clock.seconds += 100
    run(database, lambda tx: tx.add_to_inbox(["new"]))
    assert run(database, lambda tx: tx.forget(NOW, 10)) == 0
    undo(database, lambda tx: tx.forget(NOW + 50, 10))
    assert run(database, lambda tx: tx.forget(NOW + 50, 2)) == 2
    assert run(database, lambda tx: tx.forget(NOW + 50, 2)) == 1
    assert run(database, lambda tx: tx.add_to_inbox(["new", "old-1"])) == {"old-1"}


# what waits


def test_a_message_waits_whole_and_once(database: BusDatabase) -> None:
    strange = delivery(bytes(range(256)), headers={"x": {"y": [1, None, "ü"]}}, redelivered=True)
    about = event()
    run(database, lambda tx: tx.wait(strange, about, 1, NOW + 5))
    run(database, lambda tx: tx.wait(strange, about, 0, NOW))
    assert run(database, lambda tx: tx.due(NOW + 4, 10)) == []
    (found,) = run(database, lambda tx: tx.due(NOW + 5, 10))
    assert (found.delivery, found.partition_key, found.attempts) == (strange, "c1", 1)
    assert found.next_attempt_at == NOW + 5
    assert run(database, lambda tx: tx.depths()).waiting == 1


def test_only_the_first_message_of_a_concern_is_due(database: BusDatabase) -> None:
    for number, (concern, at) in enumerate([("c1", NOW + 10), ("c1", NOW), ("c2", NOW), ("c3", NOW)]):
        kept, about = delivery(b"%d" % number), event(concern)
        with database.begin() as (tx, _):
            tx.wait(kept, about, 0, at)
    assert [message.partition_key for message in run(database, lambda tx: tx.due(NOW, 10))] == ["c2", "c3"]
    assert [message.partition_key for message in run(database, lambda tx: tx.due(NOW, 1))] == ["c2"]
    assert [message.delivery.body for message in run(database, lambda tx: tx.due(NOW + 10, 10))] == [b"0", b"2", b"3"]


def test_concerns_with_a_waiting_message_are_named(database: BusDatabase) -> None:
    run(database, lambda tx: tx.wait(delivery(), event("c1"), 0, NOW))
    undo(database, lambda tx: tx.wait(delivery(b"x"), event("c2"), 0, NOW))
    assert run(database, lambda tx: tx.waiting_keys(["c1", "c2", "c1"])) == {"c1"}
    assert run(database, lambda tx: tx.waiting_keys([])) == set()


def test_an_attempt_is_counted_when_it_is_claimed_and_claimed_once(database: BusDatabase) -> None:
    claim = Claim(one_waiting(database), 1, NOW + 3)
    assert not run(database, lambda tx: tx.claim(claim, NOW - 1))
    assert not run(database, lambda tx: tx.claim(replace(claim, attempts=2), NOW))
    undo(database, lambda tx: tx.claim(claim, NOW))
    assert run(database, lambda tx: tx.claim(claim, NOW))
    assert not run(database, lambda tx: tx.claim(claim, NOW))
    (found,) = run(database, lambda tx: tx.due(NOW + 3, 10))
    assert (found.attempts, found.next_attempt_at) == (2, NOW + 3)


def test_a_claim_that_came_to_nothing_is_not_counted(database: BusDatabase) -> None:
    claim = Claim(one_waiting(database), 1, NOW + 3.1)
    run(database, lambda tx: tx.claim(claim, NOW))
    run(database, lambda tx: tx.release(claim, NOW + 1))
    (found,) = run(database, lambda tx: tx.due(NOW + 1, 10))
    assert (found.attempts, found.next_attempt_at) == (1, NOW + 1)


def test_a_claim_is_released_once_and_only_by_its_owner(database: BusDatabase) -> None:
    claim = Claim(one_waiting(database), 1, NOW + 3)
    run(database, lambda tx: tx.release(claim, NOW + 100))  # it was never committed
    other = replace(claim, until=NOW + 4)
    run(database, lambda tx: tx.claim(other, NOW))
    run(database, lambda tx: tx.release(claim, NOW + 100))
    (found,) = run(database, lambda tx: tx.due(NOW + 4, 10))
    assert (found.attempts, found.next_attempt_at) == (2, NOW + 4)


def test_what_waits_longer_than_it_can_have_been_told_to_is_due(database: BusDatabase) -> None:
    """The clock was set back by an hour, or another host's is ahead."""
    for number, (attempts, wait) in enumerate([(0, 5), (1, 5), (2, 60), (9, 60), (1, 12), (9, 68), (2, 3600)]):
        kept, about = delivery(b"%d" % number), event(f"c{number}")
        with database.begin() as (tx, _):
            tx.wait(kept, about, attempts, NOW + wait)
    undo(database, lambda tx: tx.end_overlong_waits(NOW, [5.0, 5.0, 60.0]))
    assert run(database, lambda tx: tx.end_overlong_waits(NOW, [5.0, 5.0, 60.0])) == 3
    assert [message.delivery.body for message in run(database, lambda tx: tx.due(NOW, 10))] == [b"4", b"5", b"6"]


def test_what_is_settled_waits_no_more_and_the_next_is_due(database: BusDatabase) -> None:
    seq = one_waiting(database)
    run(database, lambda tx: tx.wait(delivery(b"second"), event(), 0, NOW))
    undo(database, lambda tx: tx.remove_waiting(seq))
    assert run(database, lambda tx: tx.depths()).waiting == 2
    run(database, lambda tx: tx.remove_waiting(seq))
    assert [message.delivery.body for message in run(database, lambda tx: tx.due(NOW, 10))] == [b"second"]
    assert not run(database, lambda tx: tx.claim(Claim(seq, 1, NOW + 3), NOW))
    run(database, lambda tx: tx.release(Claim(seq, 1, NOW + 3), NOW))


def one_waiting(database: BusDatabase) -> int:
    run(database, lambda tx: tx.wait(delivery(b"first"), event(), 1, NOW))
    seq: int = run(database, lambda tx: tx.due(NOW, 10))[0].seq
    return seq


# suspects


def test_notes_on_suspects_stay_until_they_are_cleared(database: BusDatabase) -> None:
    run(database, lambda tx: tx.note_suspects({"f": 1, "g": 3}))
    run(database, lambda tx: tx.note_suspects({"f": 2, "h": 1}))
    undo(database, lambda tx: tx.note_suspects({"f": 3}))
    undo(database, lambda tx: tx.clear_suspects(["f"]))
    assert run(database, lambda tx: tx.suspect_notes(["f", "g", "never noted"])) == {"f": 2, "g": 3}
    run(database, lambda tx: tx.clear_suspects({"f", "h", "never noted"}))
    run(database, lambda tx: tx.clear_suspects([]))
    run(database, lambda tx: tx.note_suspects({}))
    assert run(database, lambda tx: tx.suspect_notes(["f", "g", "h"])) == {"g": 3}
    assert run(database, lambda tx: tx.suspect_notes([])) == {}


def test_the_inbox_says_what_it_knows(database: BusDatabase) -> None:
    run(database, lambda tx: tx.add_to_inbox(["a", "b"]))
    assert run(database, lambda tx: tx.known(["b", "c", "b"])) == {"b"}
    assert run(database, lambda tx: tx.known([])) == set()


# what is parked


def test_a_parked_message_is_kept_byte_for_byte_with_its_reason(database: BusDatabase, clock: Clock) -> None:
    clock.seconds += 7
    about = event()
    kept = delivery(bytes(range(256)), headers={"a": {"b": [1, 2.5, None, True]}}, redelivered=True)
    run(database, lambda tx: tx.park(kept, "cannot be", 3, about))
    undo(database, lambda tx: tx.park(delivery(b"x"), "undone", 0, None))
    (found,) = run(database, lambda tx: tx.parked(10))
    assert found.delivery == kept
    assert (found.reason, found.attempts, found.parked_at, found.status) == ("cannot be", 3, NOW + 7, "parked")
    assert (found.event_id, found.event_type, found.partition_key) == (about.id, "concern.received.v1", "c1")


def test_a_redelivery_of_a_parked_message_is_not_parked_again(database: BusDatabase) -> None:
    first, another = delivery(b"broken"), delivery(b"broken", queue="metrics.events", redelivered=True)
    run(database, lambda tx: tx.park(first, "broken", 0, None))
    run(database, lambda tx: tx.park(replace(first, redelivered=True), "broken", 0, None))
    run(database, lambda tx: tx.park(another, "broken", 0, None))
    run(database, lambda tx: tx.park(first, "broken", 0, None))
    assert [message.delivery for message in run(database, lambda tx: tx.parked(10))] == [first, another, first]


def test_it_is_known_what_is_still_parked(database: BusDatabase) -> None:
    parked, dropped, other = delivery(b"1"), delivery(b"2"), delivery(b"3")
    run(database, lambda tx: [tx.park(kept, "broken", 0, None) for kept in (parked, dropped)])
    run(database, lambda tx: tx.drop_parked(tx.parked(10)[1].id))
    asked = [kept.fingerprint for kept in (parked, dropped, other)]
    assert run(database, lambda tx: tx.still_parked(asked)) == {parked.fingerprint}
    assert run(database, lambda tx: tx.still_parked([])) == set()


def test_a_message_that_could_not_be_read_is_parked_without_an_event(database: BusDatabase) -> None:
    run(database, lambda tx: tx.park(delivery(b""), "nothing", 0, None))
    (found,) = run(database, lambda tx: tx.parked(10))
    assert (found.event_id, found.event_type, found.partition_key) == (None, None, None)
    assert found.delivery.body == b""


def test_no_text_of_a_hostile_sender_keeps_a_message_from_being_parked(database: BusDatabase) -> None:
    bad = delivery(
        b"\0\xff",
        routing_key="key\0with\ud800odd",
        headers={"nul": "a\0b", "half": "\udcff", "raw": b"\xff", "when": START, "nan": float("nan")},
        properties={"content_type": "\0"},
    )
    run(database, lambda tx: tx.park(bad, "reason\0with\ud800odd", 0, None))
    (found,) = run(database, lambda tx: tx.parked(10))
    assert found.delivery.body == bad.body
    assert set(found.delivery.headers) == set(bad.headers)


def test_parked_messages_are_listed_oldest_first_page_by_page(database: BusDatabase) -> None:
    for number in range(5):
        with database.begin() as (tx, _):
            tx.park(delivery(b"%d" % number), "r", 0, None)
    first = run(database, lambda tx: tx.parked(2))
    rest = run(database, lambda tx: tx.parked(10, first[-1].id))
    assert [message.delivery.body for message in [*first, *rest]] == [b"0", b"1", b"2", b"3", b"4"]
    assert run(database, lambda tx: tx.depths()).parked == 5


def test_messages_that_differ_in_their_headers_alone_are_two(database: BusDatabase) -> None:
    first, second = delivery(b"broken"), delivery(b"broken", headers={"h": 2}, redelivered=True)
    again = replace(second, headers={"h": 2, "x-delivery-count": 3})
    for received in (first, second, again):
        with database.begin() as (tx, _):
            tx.park(received, "broken", 0, None)
    assert [message.delivery for message in run(database, lambda tx: tx.parked(10))] == [first, second]


# the outbox


def test_the_outbox_gives_events_in_order_with_what_the_relay_needs(database: BusDatabase, codec: Codec) -> None:
    public, sealed = event("c1"), private("c2")
    encoded = codec.encode(sealed)
    run(database, lambda tx: tx.enqueue([(public, codec.encode(public)), (sealed, encoded)]))
    first, second = run(database, lambda tx: tx.outgoing(0, 10))
    assert first.seq < second.seq
    assert (first.event_id, first.partition_key, first.private) == (public.id, "c1", False)
    assert (second.event_id, second.exchange, second.private) == (sealed.id, "concord.private", True)
    assert (second.routing_key, second.body, second.created_at) == (encoded.routing_key, encoded.body, NOW)


def test_the_outbox_is_read_above_a_row_and_up_to_a_limit(database: BusDatabase, codec: Codec) -> None:
    enqueue(database, codec, *(event(f"c{number}") for number in range(5)))
    seqs = [row.seq for row in run(database, lambda tx: tx.outgoing(0, 10))]
    assert [row.seq for row in run(database, lambda tx: tx.outgoing(seqs[1], 2))] == seqs[2:4]
    assert run(database, lambda tx: tx.outgoing(seqs[-1], 10)) == []


def test_what_was_rolled_back_is_not_sent(database: BusDatabase, codec: Codec) -> None:
    about = event()
    undo(database, lambda tx: tx.enqueue([(about, codec.encode(about))]))
    assert run(database, lambda tx: tx.outgoing(0, 10)) == []
    run(database, lambda tx: tx.enqueue([]))
    assert run(database, lambda tx: tx.depths()).outbox == 0


def test_confirmed_rows_are_gone_and_no_number_is_used_again(database: BusDatabase, codec: Codec) -> None:
    enqueue(database, codec, *(event(f"c{number}") for number in range(1200)))
    seqs = [row.seq for row in run(database, lambda tx: tx.outgoing(0, 2000))]
    undo(database, lambda tx: tx.remove_confirmed(seqs))
    assert run(database, lambda tx: tx.depths()).outbox == 1200
    run(database, lambda tx: tx.remove_confirmed([*seqs, seqs[0]]))
    run(database, lambda tx: tx.remove_confirmed([]))
    assert run(database, lambda tx: tx.depths()).outbox == 0
    enqueue(database, codec, event())
    assert run(database, lambda tx: tx.outgoing(0, 10))[0].seq > seqs[-1]


def test_the_outbox_is_read_without_some_destinations_or_for_one(database: BusDatabase, codec: Codec) -> None:
    enqueue(database, codec, event("c1"), private("c2"), event("c3"))
    first, sealed, third = run(database, lambda tx: tx.outgoing(0, 10))
    held, exchange = destination_of(first), Destination(sealed.exchange)
    assert run(database, lambda tx: tx.outgoing(0, 10, [held])) == [sealed]
    assert run(database, lambda tx: tx.outgoing(0, 10, [held, exchange])) == []
    assert run(database, lambda tx: tx.outgoing_to(held, 0, 10)) == [first, third]
    assert run(database, lambda tx: tx.outgoing_to(held, first.seq, 1)) == [third]
    assert run(database, lambda tx: tx.outgoing_to(exchange, 0, 10)) == [sealed]
    longer = Destination(held.exchange, "concern_unroutable.v1.")  # no pattern: an underscore is an underscore
    assert run(database, lambda tx: tx.outgoing_to(longer, 0, 10)) == []


def test_the_depths_count_what_is_there(database: BusDatabase, codec: Codec, clock: Clock) -> None:
    assert run(database, lambda tx: tx.depths()) == Depths(0, None, 0, 0, 0)
    enqueue(database, codec, event())
    clock.seconds += 60
    enqueue(database, codec, event())
    run(database, lambda tx: tx.add_to_inbox(["a", "b"]))
    run(database, lambda tx: tx.wait(delivery(), event(), 0, NOW))
    run(database, lambda tx: tx.park(delivery(), "r", 0, None))
    assert run(database, lambda tx: tx.depths()) == Depths(2, NOW, 1, 1, 2)


def test_one_transaction_holds_it_all_or_nothing(database: BusDatabase, codec: Codec) -> None:
    about = event()

    def everything(tx: Transaction) -> None:
        tx.add_to_inbox([about.id])
        tx.wait(delivery(), about, 0, NOW)
        tx.park(delivery(), "r", 0, about)
        tx.note_suspects({"f": 1})
        tx.enqueue([(about, codec.encode(about))])

    undo(database, everything)
    assert run(database, lambda tx: tx.depths()) == Depths(0, None, 0, 0, 0)
    run(database, everything)
    assert run(database, lambda tx: tx.depths()) == Depths(1, NOW, 1, 1, 1)
