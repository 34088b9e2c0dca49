"""One contract for every store: memory, SQLite and PostgreSQL, the last two as the migrations make them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, inspect, text
from tests.memory.bus import MemoryDatabase
from tests.memory.notification import MemoryStore

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_nodes.tcp_ports import until
from concord_notification.notices.adapters.tables import metadata
from concord_notification.notices.domain.concern import Concern, Contact, Decision, SealedMessage
from concord_notification.notices.domain.delivery import (
    Delivery,
    Failure,
    State,
    claimed,
    delivered,
    failed,
    plan_deliveries,
    plan_digest,
    superseded,
)
from concord_notification.notices.domain.team_policy import DigestLine
from concord_notification.notices.ports import Ledger, NoticeStore
from concord_notification.store import SqlStore

NOW = datetime(2026, 11, 23, 15, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=60)

Open = Callable[[], AbstractContextManager[NoticeStore]]


@contextmanager
def in_sql(url: str) -> Iterator[Open]:
    upgrade(url, "concord_notification")
    database = Database(url, SqlStore)

    @contextmanager
    def opened() -> Iterator[NoticeStore]:
        with database.begin() as (_, store):
            yield store

    yield opened
    database.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a transaction on an empty store."""
    if request.param == "memory":
        spine = MemoryDatabase(MemoryStore())

        @contextmanager
        def in_memory() -> Iterator[NoticeStore]:
            with spine.begin() as (_, store):
                yield store

        yield in_memory
    else:
        with in_sql(
            request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
        ) as in_database:
            yield in_database


def contact(concern: str, sequence: int = 3, **changes: str) -> Contact:
    return replace(Contact(concern, f"contact-{concern}-{sequence}", sequence, "en", "sealed", NOW), **changes)


def routed(concern: str, sequence: int = 1) -> Decision:
    return Decision(
        concern_id=concern,
        event_id=f"routed-{concern}-{sequence}",
        sequence=sequence,
        kind="routed",
        decided_at=NOW,
        correlation_id="act",
        traceparent="00-trace",
        area="D4",
        team="d4",
        team_name="Team",
        acknowledge_by=NOW + timedelta(days=1),
        respond_by=NOW + timedelta(days=5),
    )


def unroutable(concern: str, sequence: int = 1) -> Decision:
    return Decision(concern, f"un-{concern}", sequence, "unroutable", NOW, "act", reason="outside")


def of(contact: Contact | None, *decisions: Decision) -> Concern:
    """What is known of one concern."""
    return Concern((contact or decisions[0]).concern_id, contact, decisions)


def notice(concern: str, at: datetime = NOW, sequence: int = 1) -> Delivery:
    [found] = plan_deliveries(of(contact(concern), routed(concern, sequence)), "en", lambda team: None, at)
    return found


def keep(store: NoticeStore, *concerns: str, at: datetime = NOW) -> list[Delivery]:
    """Concerns of which both is known, each with a notice due."""
    store.keep_contacts([contact(each) for each in concerns])
    store.keep_decisions([routed(each) for each in concerns])
    made = [notice(each, at) for each in concerns]
    store.plan(concerns, made)
    return made


def test_empty(opened: Open) -> None:
    with opened() as store:
        assert store.concerns(["a"]) == [Concern("a")]
        assert store.ready(NOW, 10) == []
        assert store.next_attempt() is None
        assert store.ledger() == Ledger()
        assert store.deliveries(State.FAILED, 10) == []
        assert store.count_events({}) == {}
        store.save([])
        store.drop([])


def test_what_is_known(opened: Open) -> None:
    with opened() as store:
        store.keep_contacts([contact("b"), contact("a")])
        store.keep_decisions([routed("b"), unroutable("c")])
    with opened() as store:
        assert store.concerns(["a", "b", "c", "d"]) == [
            of(contact("a")),
            of(contact("b"), routed("b")),
            of(None, unroutable("c")),
            Concern("d"),
        ]
        assert store.ledger() == Ledger(contacts=2, unanswered=1)


def test_the_newer_contact_stays_and_every_decision_in_order(opened: Open) -> None:
    with opened() as store:
        store.keep_contacts([contact("a", 4)])
        store.keep_contacts([contact("a", 3)])
        store.keep_decisions([routed("a", 2)])
        store.keep_decisions([unroutable("a", 1)])
        store.keep_decisions([replace(routed("a", 2), team="other")])
        assert store.concerns(["a"]) == [of(contact("a", 4), unroutable("a", 1), routed("a", 2))]


def test_everything_of_a_decision_is_kept(opened: Open) -> None:
    whole = replace(routed("a"), promise="agreed", due_at=NOW, initiator="officer", waiting=True, past=True)
    whole = replace(whole, case_id="case-a", category="noise", promise_id="case-a-1", asked_at=NOW)
    with opened() as store:
        store.keep_decisions([whole])
    with opened() as store:
        assert store.concerns(["a"]) == [of(None, whole)]


def test_words_belong_to_their_event_whichever_comes_first(opened: Open) -> None:
    one, other = (SealedMessage(f"routed-{each}-1", each, f"words for {each}") for each in "ab")
    with opened() as store:
        store.keep_messages([one])
        store.keep_decisions([routed("a"), routed("b")])
        store.keep_messages([other, SealedMessage("routed-c-1", "c", "early")])
        store.keep_messages([replace(one, sealed="said again")])
        assert store.concerns(["a", "b", "c"]) == [
            of(None, replace(routed("a"), words="words for a")),
            of(None, replace(routed("b"), words="words for b")),
            Concern("c"),
        ]


def test_withdrawn_before_or_after_anything_else_is_known(opened: Open) -> None:
    with opened() as store:
        store.withdraw(["a"])
        store.keep_contacts([contact("a"), contact("b")])
        store.withdraw(["b"])
        store.withdraw(["b"])
        assert [each.withdrawn for each in store.concerns(["a", "b", "c"])] == [True, True, False]
        assert [each.contact for each in store.concerns(["a"])] == [contact("a")]


def test_of_the_same_sequence_the_greater_id_stays(opened: Open) -> None:
    one, other = contact("a", event_id="x1"), contact("a", event_id="x2")
    with opened() as store:
        store.keep_decisions([routed("a"), routed("b")])
        store.keep_contacts([one])
        store.keep_contacts([other])
        store.keep_contacts([one])
        assert [each.contact for each in store.concerns(["a"])] == [other]


def test_planning_twice_changes_nothing(opened: Open) -> None:
    with opened() as store:
        [first] = keep(store, "a")
        store.save([delivered(claimed(first, "c", NOW, LEASE), NOW)])
        store.plan(["a"], [notice("a")])
        assert store.ready(NOW, 10) == []
        assert store.ledger().delivered == 1


def test_planning_drops_what_is_overtaken_unless_it_is_being_sent(opened: Open) -> None:
    with opened() as store:
        keep(store, "a", "b", "c")
        store.save([claimed(notice("b"), "c", NOW, LEASE)])
        store.plan(["a", "b"], [notice(each, sequence=2) for each in ("a", "b")])
        ready = [each.cause_id for each, _ in store.ready(NOW, 10)]
        assert sorted(ready) == ["routed-a-2", "routed-b-2", "routed-c-1"]
        assert store.ledger().sending == 1


def test_planning_nothing_for_a_concern_drops_what_was_due(opened: Open) -> None:
    with opened() as store:
        keep(store, "a", "b")
        store.plan(["a"], [])
        assert [each.concern_id for each, _ in store.ready(NOW, 10)] == ["b"]


def test_planning_keeps_what_may_have_gone_out(opened: Open) -> None:
    with opened() as store:
        keep(store, "a")
        store.save([replace(notice("a"), uncertain=True)])
        store.plan(["a"], [notice("a", sequence=2)])
        assert sorted(each.cause_id for each, _ in store.ready(NOW, 10)) == ["routed-a-1", "routed-a-2"]
        store.save([superseded(notice("a"), NOW)])
        ledger = store.ledger()
        assert (ledger.due, ledger.overtaken, ledger.uncertain) == (1, 1, 1)


def test_ready_in_the_order_of_their_time(opened: Open) -> None:
    with opened() as store:
        keep(store, "a", at=NOW + timedelta(seconds=2))
        keep(store, "b", at=NOW + timedelta(seconds=1))
        keep(store, "c", at=NOW + timedelta(seconds=9))
        assert store.next_attempt() == NOW + timedelta(seconds=1)
        ready = store.ready(NOW + timedelta(seconds=2), 10)
        assert [each.concern_id for each, _ in ready] == ["b", "a"]
        assert ready[0] == (notice("b", NOW + timedelta(seconds=1)), of(contact("b"), routed("b")))
        assert len(store.ready(NOW + timedelta(seconds=2), 1)) == 1


def test_claimed_is_not_ready_until_the_claim_ends(opened: Open) -> None:
    with opened() as store:
        [made] = keep(store, "a")
        store.save([claimed(made, "c", NOW, LEASE)])
        assert store.ready(NOW + timedelta(seconds=59), 10) == []
        assert [each.state for each, _ in store.ready(NOW + LEASE, 10)] == [State.SENDING]
        assert store.next_attempt() == NOW + LEASE


def test_held_by_its_claim_only(opened: Open) -> None:
    with opened() as store:
        made = keep(store, "a", "b", "c")
        store.save([claimed(made[0], "mine", NOW, LEASE), claimed(made[1], "other", NOW, LEASE)])
        own = store.with_claim("mine", [each.id for each in made])
        assert own == {made[0].id}
        store.save([delivered(claimed(made[0], "mine", NOW, LEASE), NOW)])
        assert store.with_claim("mine", [each.id for each in made]) == set()


def test_everything_of_a_delivery_is_kept(opened: Open) -> None:
    with opened() as store:
        [made] = keep(store, "a")
        done = replace(failed(claimed(made, "c", NOW, LEASE), Failure.REFUSED, NOW), uncertain=True)
        store.save([done])
    with opened() as store:
        assert store.deliveries(State.FAILED, 10) == [done]
        assert store.ledger() == Ledger(contacts=1, failed=1, uncertain=1)


def test_notices_to_supervisors_are_counted_apart(opened: Open) -> None:
    with opened() as store:
        store.keep_decisions([replace(routed(each), kind="missed") for each in "ab"])
        made = [plan_deliveries(each, "en", lambda team: "es", NOW)[0] for each in store.concerns(["a", "b"])]
        store.plan(["a", "b"], made)
        assert [(each.language, about.contact) for each, about in store.ready(NOW, 10)] == [("es", None)] * 2
        store.save([delivered(claimed(made[0], "c", NOW, LEASE), NOW)])
        assert store.ledger() == Ledger(supervisors_due=1, supervisors_told=1)


LATER = NOW + timedelta(hours=16)


def line(concern: str, team: str = "d4") -> DigestLine:
    return DigestLine(f"routed-{concern}-1", concern, team)


def test_a_digest_takes_the_lines_that_wait_once(opened: Open) -> None:
    with opened() as store:
        store.keep_digest_lines([line("b"), line("a"), line("w", "works")])
        store.keep_digest_lines([line("a")])
        assert sorted(store.teams_without_digest()) == ["d4", "works"]
        digest = plan_digest("d4", "en", LATER)
        store.add_digests([digest])
        store.add_digests([replace(digest, language="es")])
        assert store.teams_without_digest() == ["works"]
    with opened() as store:
        assert [each.concern_id for each in store.take_lines(digest)] == ["a", "b"]
        store.keep_digest_lines([line("c")])
        assert [each.concern_id for each in store.take_lines(digest)] == ["a", "b"]
        assert {each.digest_id for each in store.take_lines(digest)} == {digest.id}
        store.save([delivered(claimed(digest, "c", LATER, LEASE), LATER)])
        store.drop_lines([digest.id])
        assert store.take_lines(replace(digest, attempts=1)) == []
        assert sorted(store.teams_without_digest()) == ["d4", "works"]
        store.drop_waiting_lines("works")
        assert store.teams_without_digest() == ["d4"]


def test_a_digest_waits_for_its_time_and_is_counted_apart(opened: Open) -> None:
    with opened() as store:
        digest = plan_digest("d4", "en", LATER)
        store.add_digests([digest, plan_digest("works", "en", NOW + timedelta(days=3))])
        assert store.end_overlong_waits(NOW, LEASE) == 1
        assert store.next_attempt() == NOW
        assert store.ready(LATER, 10)[-1] == (digest, Concern(""))
        assert store.ledger() == Ledger(teams_due=2)


def test_a_mail_to_a_team_that_is_still_right_stays(opened: Open) -> None:
    with opened() as store:
        made = plan_deliveries(of(contact("a"), routed("a")), "en", lambda team: None, NOW, lambda team: "es")
        assert [(each.notice, each.language) for each in made] == [("acknowledgement", "en"), ("team_routed", "es")]
        store.plan(["a"], made)
        store.plan(["a"], made[:1], [each.id for each in made])
        assert store.ledger() == Ledger(due=1, teams_due=1)
        store.plan(["a"], made[:1])
        assert store.ledger() == Ledger(due=1)


def test_events_are_counted_for_each_concern(opened: Open) -> None:
    with opened() as store:
        keep(store, "a", "b")
        assert dict(store.count_events({"a": 1})) == {"a": 1}
        assert dict(store.count_events({"a": 2, "b": 1})) == {"a": 3, "b": 1}


def test_dropped_is_gone(opened: Open) -> None:
    with opened() as store:
        made = keep(store, "a", "b")
        store.drop([made[0].id])
        assert [each.concern_id for each, _ in store.ready(NOW, 10)] == ["b"]


def test_pages_latest_first(opened: Open) -> None:
    with opened() as store:
        made = [keep(store, f"c{n}", at=NOW + timedelta(seconds=n // 2))[0] for n in range(5)]
        made = [replace(each, due_at=each.not_before) for each in made]
        store.drop([each.id for each in made])
        store.plan([each.concern_id for each in made], made)
        store.save([failed(each, Failure.REFUSED, NOW) for each in made])
        found: list[Delivery] = []
        while page := store.deliveries(State.FAILED, 2, (found[-1].due_at, found[-1].id) if found else None):
            found += page
        assert [each.id for each in found] == [
            each.id for each in sorted(made, key=lambda each: (each.due_at, each.id), reverse=True)
        ]


def test_rolled_back_on_an_exception(opened: Open) -> None:
    def fail() -> None:
        with opened() as store:
            keep(store, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with opened() as store:
        assert store.ledger() == Ledger()


def test_interrupted_sending_is_ready_at_once_where_nobody_else_sends(sqlite_url: str) -> None:
    with in_sql(sqlite_url) as opened, opened() as store:
        made = keep(store, "a", "b")
        store.save([claimed(made[0], "dead", NOW, LEASE)])
        assert store.release_interrupted(NOW) == 1
        assert len(store.ready(NOW, 10)) == 2


def test_on_postgresql_another_process_may_be_sending(postgres_url: str) -> None:
    with in_sql(postgres_url) as opened, opened() as store:
        [made] = keep(store, "a")
        store.save([claimed(made, "alive", NOW, LEASE)])
        assert store.release_interrupted(NOW) == 0
        assert store.ready(NOW, 10) == []


def test_two_processes_never_get_the_same_notice(postgres_url: str) -> None:
    with in_sql(postgres_url) as opened:
        with opened() as store:
            keep(store, *(f"c{n}" for n in range(10)))
        with opened() as one, opened() as other:
            first = {each.id for each, _ in one.ready(NOW, 6)}
            second = {each.id for each, _ in other.ready(NOW, 6)}
            assert len(first) == 6
            assert len(second) == 4
            assert not first & second


def test_counting_takes_concerns_in_one_order_whatever_order_they_are_given_in(postgres_url: str) -> None:
    """Who waits for `a` must not hold `b` meanwhile."""
    with in_sql(postgres_url) as opened, ThreadPoolExecutor(1) as other:
        with opened() as store:
            keep(store, "a", "b")

        def count_both() -> Mapping[str, int]:
            with opened() as elsewhere:
                return elsewhere.count_events({"b": 1, "a": 2})

        with opened() as store:
            assert store.count_events({"a": 1}) == {"a": 1}
            waiting = other.submit(count_both)
            assert until(lambda: waits_for_a_lock(postgres_url), 30)
            assert store.count_events({"b": 1}) == {"b": 1}
        assert waiting.result(30) == {"a": 3, "b": 2}


def waits_for_a_lock(url: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool(connection.execute(text(query)).scalar_one())
    finally:
        engine.dispose()


def test_contact_and_decision_written_at_the_same_moment_see_each_other(postgres_url: str) -> None:
    with in_sql(postgres_url) as opened:
        seen: list[Concern] = []
        waiting = threading.Event()

        def decide() -> None:
            with opened() as store:
                waiting.set()
                store.keep_decisions([routed("a")])
                seen.extend(store.concerns(["a"]))

        with opened() as store:
            store.keep_contacts([contact("a")])
            assert store.concerns(["a"]) == [of(contact("a"))]
            other = threading.Thread(target=decide)
            other.start()
            waiting.wait(10)
        other.join(10)
        assert seen == [of(contact("a"), routed("a"))]


def test_the_migrations_make_what_the_tables_say(databases: str) -> None:
    upgrade(databases, "concord_notification")
    database = Database(databases, SqlStore)
    found = inspect(database.engine)
    for table in metadata.sorted_tables:
        made = {each["name"]: each["type"].compile(database.engine.dialect) for each in found.get_columns(table.name)}
        declared = {each.name: each.type.compile(database.engine.dialect) for each in table.columns}
        assert made == declared
        assert {each["name"] for each in found.get_indexes(table.name)} == {each.name for each in table.indexes}
    database.dispose()


def test_what_waits_longer_than_any_wait_is_made_is_due(opened: Open) -> None:
    """The clock was set back, or another host's is ahead."""
    lease, tolerance = timedelta(seconds=60), timedelta(seconds=5)
    waits = [
        (State.DUE, 0, timedelta(seconds=10)),
        (State.DUE, 2, timedelta(seconds=40)),
        (State.DUE, 99, timedelta(hours=4)),
        (State.SENDING, 1, lease),
    ]
    with opened() as store:
        made = keep(store, *(f"{name}{number}" for number in range(len(waits)) for name in ("fits", "late")))
        for (state, attempts, wait), *pair in zip(waits, made[::2], made[1::2], strict=True):
            for delivery, extra in zip(pair, (tolerance, tolerance + timedelta(seconds=1)), strict=True):
                claim = "c" if state is State.SENDING else None
                end = NOW + wait + extra
                store.save([replace(delivery, state=state, attempts=attempts, not_before=end, claim=claim)])
        assert store.ready(NOW, 100) == []
        assert store.end_overlong_waits(NOW, lease) == len(waits)
        assert sorted(each.concern_id for each, _ in store.ready(NOW, 100)) == [f"late{n}" for n in range(len(waits))]
