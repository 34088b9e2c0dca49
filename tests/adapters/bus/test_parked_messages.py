"""What operators do with parked messages means the same in memory, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from tests.memory.bus import MemoryDatabase

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.tables import metadata
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.parked_messages import OperatorAction, ParkedFilter, subject_of
from concord_bus.ports import BusDatabase, Transaction
from concord_contracts import new_event
from concord_contracts.messages import ConcernReceived

START = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
NOW = START.timestamp()
ALL = ParkedFilter()


class Clock:
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


def run(database: BusDatabase, act: Callable[[Transaction], Any]) -> Any:
    with database.begin() as (tx, _):
        return act(tx)


def delivery(body: bytes = b"{}", **changes: Any) -> Delivery:
    plain = Delivery("intake.events", "concord.events", "concern.routed.v1.A1.noise", body, {"h": 1}, {"type": "t"})
    return replace(plain, **changes)


def received() -> Any:
    about = ConcernReceived(
        concern_id="c1",
        category="noise",
        channel="web",
        received_at=START,
        occurred_at=None,
        place="none",
        point=None,
    )
    return new_event(about, sequence=1, time=START)


def found(database: BusDatabase, wanted: ParkedFilter = ALL, limit: int = 10, before: int | None = None) -> list[bytes]:
    return [message.delivery.body for message in run(database, lambda tx: tx.find_parked(wanted, limit, before))]


def park(database: BusDatabase, body: bytes, reason: str = "r", event: Any = None, **changes: Any) -> int:
    run(database, lambda tx: tx.park(delivery(body, **changes), reason, 2, event))
    number: int = run(database, lambda tx: tx.find_parked(ALL, 1))[0].id
    return number


def test_the_newest_come_first_page_by_page(database: BusDatabase) -> None:
    ids = [park(database, b"%d" % number) for number in range(5)]
    assert found(database, limit=2) == [b"4", b"3"]
    assert found(database, before=ids[3]) == [b"2", b"1", b"0"]
    assert found(database, before=ids[0]) == []


def test_they_are_found_by_time_reason_and_type(database: BusDatabase, clock: Clock) -> None:
    park(database, b"old", "Invalid JSON: 100% wrong_", routing_key="concern.closed.v1._._")
    clock.seconds += 60
    park(database, b"read", "failed 4 times", received())
    park(database, b"unread", "invalid json")
    assert found(database, ParkedFilter(since=NOW + 60)) == [b"unread", b"read"]
    assert found(database, ParkedFilter(reason="INVALID json")) == [b"unread", b"old"]
    assert found(database, ParkedFilter(reason="100% wrong_")) == [b"old"]
    assert found(database, ParkedFilter(reason="n_a")) == []
    assert found(database, ParkedFilter(type="concern.received.v1")) == [b"read"]
    assert found(database, ParkedFilter(type="concern.routed.v1")) == [b"unread"]
    assert found(database, ParkedFilter(type="concern.*")) == [b"unread", b"read", b"old"]
    assert found(database, ParkedFilter(type="*.closed.*")) == [b"old"]
    assert found(database, ParkedFilter(type="concern_routed_v1")) == []
    assert found(database, ParkedFilter("concern.*", "failed", NOW)) == [b"read"]


def test_a_replayed_message_waits_whole_and_due_and_is_parked_no_more(database: BusDatabase) -> None:
    strange = {"headers": {"x": [1, None, "ü"]}, "redelivered": True}
    number = park(database, bytes(range(256)), **strange)
    assert run(database, lambda tx: tx.replay_parked(number, "c1", NOW + 1))
    (waiting,) = run(database, lambda tx: tx.due(NOW + 1, 10))
    assert (waiting.delivery, waiting.partition_key) == (delivery(bytes(range(256)), **strange), "c1")
    assert (waiting.attempts, waiting.next_attempt_at) == (0, NOW + 1)
    assert run(database, lambda tx: tx.depths()).parked == 0
    assert run(database, lambda tx: tx.parked_message(number)).status == "replayed"
    assert not run(database, lambda tx: tx.replay_parked(number, "c1", NOW))
    assert not run(database, lambda tx: tx.drop_parked(number))
    assert run(database, lambda tx: tx.depths()).waiting == 1


def test_two_copies_of_a_message_are_replayed_as_one(database: BusDatabase) -> None:
    ids = [park(database, b"same") for _ in range(2)]
    assert all(run(database, lambda tx, number=number: tx.replay_parked(number, "c1", NOW)) for number in ids)
    assert run(database, lambda tx: tx.depths()).waiting == 1


def test_a_message_that_fails_again_after_its_replay_is_parked_again(database: BusDatabase) -> None:
    number = park(database, b"bad", redelivered=True)
    run(database, lambda tx: tx.replay_parked(number, "c1", NOW))
    assert park(database, b"bad", redelivered=True) > number
    assert run(database, lambda tx: tx.depths()).parked == 1


def test_a_dropped_message_is_parked_no_more_and_its_bytes_are_kept(database: BusDatabase) -> None:
    number = park(database, b"bad")
    assert run(database, lambda tx: tx.drop_parked(number))
    assert not run(database, lambda tx: tx.drop_parked(number))
    assert not run(database, lambda tx: tx.replay_parked(number, "c1", NOW))
    kept = run(database, lambda tx: tx.parked_message(number))
    assert (kept.status, kept.delivery.body) == ("dropped", b"bad")
    assert found(database) == []
    assert run(database, lambda tx: tx.depths()).parked == 0
    assert run(database, lambda tx: tx.depths()).waiting == 0


DAY = 86400.0


def settle(database: BusDatabase, clock: Clock, number: int, action: str) -> None:
    """Replay or drop a message now, with the note that `concord parked` makes of it."""

    def act(tx: Transaction) -> None:
        assert tx.drop_parked(number) if action == "drop" else tx.replay_parked(number, "c1", clock.seconds)
        tx.note_action(OperatorAction(clock.seconds, "ana", action, subject_of(number), "why"))

    run(database, act)


@pytest.mark.parametrize("action", ["drop", "replay"])
def test_a_settled_message_is_deleted_when_its_time_is_over_and_not_before(
    database: BusDatabase, clock: Clock, action: str
) -> None:
    number = park(database, b"about a resident")
    clock.seconds += 40 * DAY
    settle(database, clock, number, action)
    clock.seconds += 30 * DAY
    assert run(database, lambda tx: tx.delete_settled(clock.seconds - 30 * DAY)) == 0
    assert run(database, lambda tx: tx.parked_message(number)).delivery.body == b"about a resident"
    clock.seconds += 1
    assert run(database, lambda tx: tx.delete_settled(clock.seconds - 30 * DAY)) == 1
    assert run(database, lambda tx: tx.parked_message(number)) is None
    assert [action.action for action in run(database, lambda tx: tx.actions_on(subject_of(number)))] == [action]
    assert run(database, lambda tx: tx.delete_settled(clock.seconds - 30 * DAY)) == 0


def test_what_is_still_parked_is_never_deleted(database: BusDatabase, clock: Clock) -> None:
    park(database, b"old")
    assert run(database, lambda tx: tx.delete_settled(NOW + 3650 * DAY)) == 0
    assert found(database) == [b"old"]


def test_a_message_dropped_without_a_note_counts_from_its_parking(database: BusDatabase) -> None:
    number = park(database, b"old")
    assert run(database, lambda tx: tx.drop_parked(number))
    assert run(database, lambda tx: tx.delete_settled(NOW)) == 0
    assert run(database, lambda tx: tx.delete_settled(NOW + 1)) == 1


def test_the_oldest_settled_messages_are_deleted_first_up_to_the_limit(database: BusDatabase, clock: Clock) -> None:
    numbers = [park(database, b"%d" % number) for number in range(12)]
    for number in numbers[:11]:
        settle(database, clock, number, "drop")
    assert run(database, lambda tx: tx.delete_settled(NOW + 1, 4)) == 4
    kept = [run(database, lambda tx, number=number: tx.parked_message(number)) for number in numbers]
    assert [message is None for message in kept] == [True] * 4 + [False] * 8
    assert [run(database, lambda tx: tx.delete_settled(NOW + 1, 4)) for _ in range(3)] == [4, 3, 0]
    assert found(database) == [b"11"]


def test_the_note_of_another_message_with_a_longer_number_does_not_count(database: BusDatabase, clock: Clock) -> None:
    number = park(database, b"old")
    settle(database, clock, number, "drop")
    note = OperatorAction(NOW + 99 * DAY, "ana", "drop", subject_of(number * 10), "")
    run(database, lambda tx: tx.note_action(note))
    assert run(database, lambda tx: tx.delete_settled(NOW + 1)) == 1


def test_a_deletion_that_is_rolled_back_deletes_nothing(database: BusDatabase, clock: Clock) -> None:
    number = park(database, b"old")
    settle(database, clock, number, "drop")

    def delete_and_fail(tx: Transaction) -> None:
        assert tx.delete_settled(NOW + 1) == 1
        raise KeyError

    with pytest.raises(KeyError):
        run(database, delete_and_fail)
    assert run(database, lambda tx: tx.parked_message(number)).delivery.body == b"old"


def test_what_never_was_parked_is_not_found(database: BusDatabase) -> None:
    assert run(database, lambda tx: tx.parked_message(7)) is None
    assert not run(database, lambda tx: tx.replay_parked(7, "c1", NOW))
    assert not run(database, lambda tx: tx.drop_parked(7))


def test_an_action_is_kept_with_what_it_did_or_not_at_all(database: BusDatabase) -> None:
    number = park(database, b"bad")
    action = OperatorAction(NOW, "ana", "drop", subject_of(number), "a test\0message")

    def drop(tx: Transaction) -> None:
        tx.drop_parked(number)
        tx.note_action(action)
        raise KeyError

    with pytest.raises(KeyError):
        run(database, drop)
    assert run(database, lambda tx: tx.actions_on(subject_of(number))) == []
    assert found(database) == [b"bad"]
    run(database, lambda tx: tx.note_action(action))
    run(database, lambda tx: tx.note_action(replace(action, action="replay", note="")))
    kept = run(database, lambda tx: tx.actions_on(subject_of(number)))
    assert [(note.at, note.actor, note.action) for note in kept] == [
        (NOW, "ana", "drop"),
        (NOW, "ana", "replay"),
    ]
    assert run(database, lambda tx: tx.actions_on(subject_of(number + 1))) == []


def test_of_two_operators_at_once_one_replays_it(databases: str, clock: Clock) -> None:
    stores = [Database(databases, lambda connection: None, clock) for _ in range(2)]
    metadata.create_all(stores[0].engine)
    number = park(stores[0], b"wanted by both")
    together = Barrier(2)

    def replay(store: Database) -> bool:
        together.wait(30)
        done: bool = run(store, lambda tx: tx.replay_parked(number, "c1", NOW))
        return done

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(replay, stores)) == [False, True]
    assert run(stores[0], lambda tx: tx.depths()).waiting == 1
    for store in stores:
        store.dispose()
