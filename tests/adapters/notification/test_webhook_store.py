"""One contract for every store of webhooks: memory, SQLite and PostgreSQL, the last two as the migrations make them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import create_engine, inspect, text
from tests.memory.bus import MemoryDatabase
from tests.memory.notification import MemoryStore

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.domain.errors import DatabaseUnavailable
from concord_nodes.tcp_ports import until
from concord_notification.mail.ports import VaultUnreadable
from concord_notification.rotate_vault_keys import rotate
from concord_notification.store import SqlStore
from concord_notification.webhooks.adapters import repository
from concord_notification.webhooks.adapters.tables import metadata
from concord_notification.webhooks.adapters.vault import FernetEndpointVault
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState, Failure, after_attempt, failed
from concord_notification.webhooks.domain.endpoint import (
    DisableReason,
    Endpoint,
    EndpointSecrets,
    EndpointState,
    Grant,
    Secret,
    disabled,
)
from concord_notification.webhooks.domain.endpoint import failed as endpoint_failed
from concord_notification.webhooks.domain.receiver_response import ReceiverResponse
from concord_notification.webhooks.ports import QueuedEvent, WebhookCounts, WebhookStore

NOW = datetime(2026, 11, 26, 15, 0, 0, 123456, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=60)
SECOND = timedelta(seconds=1)
TAKEN, DOWN = ReceiverResponse("status", 200), ReceiverResponse("status", 503)

Open = Callable[[], AbstractContextManager[WebhookStore]]


@contextmanager
def in_sql(url: str) -> Iterator[Open]:
    upgrade(url, "concord_notification")
    database = Database(url, SqlStore)

    @contextmanager
    def opened() -> Iterator[WebhookStore]:
        with database.begin() as (_, store):
            yield store.webhooks

    yield opened
    database.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a transaction on empty tables."""
    if request.param == "memory":
        spine = MemoryDatabase(MemoryStore())

        @contextmanager
        def in_memory() -> Iterator[WebhookStore]:
            with spine.begin() as (_, store):
                yield store.webhooks

        yield in_memory
    else:
        with in_sql(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")) as found:
            yield found


def endpoint(name: str = "parks", **changes: object) -> Endpoint:
    grant = Grant(("concern.routed.v1", "concern.closed.v1"), areas=("B2", "Ñ3"))
    made = Endpoint(f"wh_{name}", name, f"https://{name}.example.org/", grant, "sealed", NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def due(event: str, at: datetime = NOW, name: str = "parks") -> Delivery:
    return Delivery(f"wh_{name}", event, "concern.routed.v1", at, at)


def queued(webhooks: WebhookStore, *events: str, at: datetime = NOW, name: str = "parks") -> list[Delivery]:
    made = [due(each, at, name) for each in events]
    webhooks.queue([QueuedEvent(each, f'{{"id":"{each}"}}'.encode(), at) for each in events], made)
    return made


def test_empty(opened: Open) -> None:
    with opened() as webhooks:
        assert webhooks.endpoints() == webhooks.unnotified() == webhooks.ready(NOW, [], 10) == []
        assert webhooks.endpoint("parks") is None
        assert webhooks.claim("wh_parks", "c", NOW, UNTIL, 10) is None
        assert webhooks.counts() == WebhookCounts()
        assert webhooks.release_interrupted() == 0
        assert webhooks.delete_old(NOW, NOW, 10) == 0
        webhooks.queue([], [])


def test_an_endpoint_is_kept_as_it_was_given_and_found_by_id_or_name(opened: Open) -> None:
    ended = endpoint(
        "water", state=EndpointState.DISABLED, why=DisableReason.GONE, disabled_at=NOW, failures=3, rest_until=NOW
    )
    ended = replace(ended, grant=Grant(("concern.closed.v1",), None, ("graffiti",)))
    with opened() as webhooks:
        assert webhooks.add(ended)
        assert webhooks.add(endpoint())
    with opened() as webhooks:
        assert webhooks.endpoints() == [endpoint(), ended]
        assert webhooks.endpoint("water") == webhooks.endpoint("wh_water") == ended
        assert not webhooks.add(endpoint(id="wh_other"))
        webhooks.save(replace(ended, told_at=NOW))
        assert webhooks.unnotified() == []
        webhooks.save(replace(ended, told_at=None))
        assert webhooks.unnotified() == [ended]
    with opened() as webhooks:
        assert [each.name for each in webhooks.endpoints()] == ["parks", "water"]


def test_queued_twice_is_kept_once_as_it_became(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        [first] = queued(webhooks, "a")
        visit = webhooks.claim("wh_parks", "c", NOW, UNTIL, 10)
        assert visit
        webhooks.finish(visit.endpoint, [after_attempt(first, TAKEN, NOW, 0.5)])
        queued(webhooks, "a")
        assert webhooks.claim("wh_parks", "c", NOW, UNTIL, 10) is None


def test_a_visit_brings_the_oldest_events_with_their_bodies(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        queued(webhooks, "c", "a", "b")
        queued(webhooks, "0", at=NOW + SECOND)
    with opened() as webhooks:
        assert [each.id for each in webhooks.ready(NOW, [], 10)] == ["wh_parks"]
        visit = webhooks.claim("wh_parks", "mine", NOW, UNTIL, 2)
        assert visit
        assert [(each.event_id, body) for each, body in visit.deliveries] == [
            ("a", b'{"id":"a"}'),
            ("b", b'{"id":"b"}'),
        ]
        assert visit.deliveries[0][0] == due("a")


def test_one_visitor_at_a_time_until_the_claim_ends(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        queued(webhooks, "a")
        assert webhooks.claim("wh_parks", "mine", NOW, UNTIL, 10)
    with opened() as webhooks:
        assert webhooks.ready(NOW, [], 10) == []
        assert webhooks.claim("wh_parks", "other", NOW, UNTIL, 10) is None
        assert webhooks.claimed("wh_parks", "other") is None
        assert webhooks.claimed("wh_parks", "mine") == endpoint()
        assert webhooks.ready(UNTIL, [], 10)
        assert webhooks.claim("wh_parks", "other", UNTIL, UNTIL + SECOND, 10)
        assert webhooks.claimed("wh_parks", "mine") is None


def test_how_a_visit_went_is_written_and_the_endpoint_let_go(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        first, second = queued(webhooks, "a", "b")
        visit = webhooks.claim("wh_parks", "mine", NOW, UNTIL, 10)
        assert visit
        rests = endpoint_failed(visit.endpoint, NOW, 0.0, None)
        webhooks.finish(rests, [after_attempt(first, TAKEN, NOW, 0.5), after_attempt(second, DOWN, NOW, 0.5)])
    with opened() as webhooks:
        assert webhooks.endpoint("parks") == rests
        assert webhooks.deliveries("wh_parks", DeliveryState.DELIVERED, 9) == [after_attempt(first, TAKEN, NOW, 0.5)]
        assert webhooks.deliveries("wh_parks", DeliveryState.DUE, 9) == [after_attempt(second, DOWN, NOW, 0.5)]
        later = NOW + timedelta(seconds=5)
        assert webhooks.ready(NOW, [], 9) == []
        assert webhooks.ready(later, [], 9) == [rests]
        webhooks.save(replace(rests, rest_until=later + SECOND))
        assert webhooks.ready(later, [], 9) == []
        assert webhooks.claim("wh_parks", "mine", later, UNTIL, 10) is None


def test_the_healthy_come_first_and_the_busy_not_at_all(opened: Open) -> None:
    with opened() as webhooks:
        for name, failures in (("a", 2), ("b", 0), ("c", 1), ("d", 0)):
            webhooks.add(endpoint(name, failures=failures))
            queued(webhooks, "event", name=name)
        webhooks.add(endpoint("idle"))
        assert [each.name for each in webhooks.ready(NOW, ["wh_d"], 10)] == ["b", "a", "c"]
        assert [each.name for each in webhooks.ready(NOW, [], 1)] == ["b"]


def test_of_the_healthy_the_one_whose_visit_is_longest_ago_comes_first(opened: Open) -> None:
    with opened() as webhooks:
        for name in ("a", "b", "c"):
            webhooks.add(endpoint(name))
            queued(webhooks, "event", name=name)
        for name, seconds in (("b", 60), ("a", 61)):
            visit = webhooks.claim(f"wh_{name}", "mine", NOW, NOW + seconds * SECOND, 10)
            assert visit
            webhooks.finish(visit.endpoint, [])
        assert [each.name for each in webhooks.ready(NOW, [], 10)] == ["c", "b", "a"]


def test_a_disabled_endpoint_is_not_visited_and_what_was_due_failed(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        first, second = queued(webhooks, "a", "b")
        visit = webhooks.claim("wh_parks", "mine", NOW, UNTIL, 1)
        assert visit
        webhooks.save(disabled(endpoint(), DisableReason.OPERATOR, NOW))
        assert webhooks.fail_due("wh_parks", NOW) == 2
        assert webhooks.ready(NOW, [], 10) == []
        webhooks.finish(disabled(endpoint(), DisableReason.OPERATOR, NOW), [after_attempt(first, DOWN, NOW, 0.5)])
        expected = [failed(each, Failure.DISABLED, NOW) for each in (second, first)]
        assert webhooks.deliveries("wh_parks", DeliveryState.FAILED, 10) == expected
        assert webhooks.counts() == WebhookCounts(disabled=1, failed=2)


def test_replayed_as_if_new(opened: Open) -> None:
    later = NOW + timedelta(days=4)
    with opened() as webhooks:
        webhooks.add(endpoint())
        webhooks.add(endpoint("water"))
        queued(webhooks, "a", at=NOW - SECOND)
        queued(webhooks, "b", "c")
        queued(webhooks, "c", name="water")
        webhooks.fail_due("wh_parks", NOW)
        webhooks.fail_due("wh_water", NOW)
        assert not webhooks.replay_one("wh_parks", "x", later)
        assert webhooks.replay_one("wh_parks", "a", later)
        assert webhooks.deliveries("wh_parks", DeliveryState.DUE, 9) == [
            replace(due("a", NOW - SECOND), not_before=later)
        ]
        assert webhooks.replay_since("wh_parks", NOW, [DeliveryState.FAILED], later) == 2
        assert webhooks.replay_since("wh_parks", NOW, [DeliveryState.FAILED], later) == 0
        assert len(webhooks.deliveries("wh_water", DeliveryState.FAILED, 9)) == 1


def test_pages_latest_first(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        made = [queued(webhooks, f"e{number}", at=NOW + number // 2 * SECOND)[0] for number in range(5)]
        found: list[Delivery] = []
        while page := webhooks.deliveries(
            "wh_parks", DeliveryState.DUE, 2, (found[-1].queued_at, found[-1].event_id) if found else None
        ):
            found += page
        assert found == sorted(made, key=lambda each: (each.queued_at, each.event_id), reverse=True)


def test_removed_with_its_deliveries(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        webhooks.add(endpoint("water"))
        queued(webhooks, "a")
        queued(webhooks, "a", name="water")
        webhooks.remove("wh_parks")
        assert [each.name for each in webhooks.endpoints()] == ["water"]
        assert webhooks.deliveries("wh_parks", DeliveryState.DUE, 9) == []
        assert webhooks.counts() == WebhookCounts(active=1, due=1, oldest_due=NOW)


def test_what_is_over_is_forgotten_in_time_and_an_event_with_its_last_delivery(opened: Open) -> None:
    day = timedelta(days=1)
    with opened() as webhooks:
        webhooks.add(endpoint())
        first, second, third = queued(webhooks, "a", "b", "c")
        visit = webhooks.claim("wh_parks", "mine", NOW, UNTIL, 10)
        assert visit
        webhooks.finish(endpoint(), [after_attempt(first, TAKEN, NOW, 0.5), failed(second, Failure.GONE, NOW)])
        assert webhooks.delete_old(NOW, NOW, 10) == 0
        assert webhooks.delete_old(NOW + day, NOW, 10) == 1
        assert webhooks.deliveries("wh_parks", DeliveryState.FAILED, 9)
        assert webhooks.delete_old(NOW + day, NOW + day, 10) == 1
        assert webhooks.deliveries("wh_parks", DeliveryState.DUE, 9) == [third]
        webhooks.queue([], [due("a", NOW), due("b", NOW)])
        found = webhooks.claim("wh_parks", "mine", NOW, UNTIL, 10)
        assert found
        assert [each.event_id for each, _ in found.deliveries] == ["c"]


def test_what_is_due_for_an_endpoint_that_is_gone_is_forgotten(opened: Open) -> None:
    with opened() as webhooks:
        webhooks.add(endpoint())
        webhooks.add(endpoint("water"))
        queued(webhooks, "a")
        webhooks.remove("wh_water")
        queued(webhooks, "a", "b", name="water")
    with opened() as webhooks:
        assert webhooks.delete_old(NOW, NOW, 10) == 2
        assert webhooks.deliveries("wh_water", DeliveryState.DUE, 9) == []
        assert webhooks.deliveries("wh_parks", DeliveryState.DUE, 9) == [due("a")]
        assert webhooks.delete_old(NOW + SECOND, NOW, 10) == 0
        queued(webhooks, "b", at=NOW)
        visit = webhooks.claim("wh_parks", "mine", NOW, UNTIL, 10)
        assert visit
        assert [each.event_id for each, _ in visit.deliveries] == ["a", "b"]


def test_a_turn_to_bind_may_be_had_again_and_ends_with_its_transaction(opened: Open) -> None:
    for _ in range(2):
        with opened() as webhooks:
            webhooks.binding_lock()
            webhooks.binding_lock()
            assert webhooks.endpoints() == []


def test_what_is_read_in_a_turn_is_what_others_wrote_before_it(postgres_url: str) -> None:
    with in_sql(postgres_url) as opened, ThreadPoolExecutor(1) as other:

        def in_turn() -> list[str]:
            with opened() as elsewhere:
                elsewhere.binding_lock()
                return [each.name for each in elsewhere.endpoints()]

        with opened() as webhooks:
            webhooks.binding_lock()
            waiting = other.submit(in_turn)
            assert until(lambda: waits_for_a_lock(postgres_url), 30)
            webhooks.add(endpoint())
        assert waiting.result(30) == ["parks"]


def test_a_turn_that_does_not_come_in_time_is_given_up(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "LOCK_SECONDS", 1)
    with in_sql(postgres_url) as opened, opened() as webhooks:
        webhooks.binding_lock()
        with pytest.raises(DatabaseUnavailable), opened() as elsewhere:
            elsewhere.binding_lock()


def test_interrupted_visits_are_free_at_once_where_nobody_else_is(sqlite_url: str) -> None:
    with in_sql(sqlite_url) as opened, opened() as webhooks:
        webhooks.add(endpoint())
        queued(webhooks, "a")
        assert webhooks.claim("wh_parks", "dead", NOW, UNTIL, 10)
        assert webhooks.release_interrupted() == 1
        assert webhooks.ready(NOW, [], 10)


def test_on_postgresql_another_process_may_be_visiting(postgres_url: str) -> None:
    with in_sql(postgres_url) as opened, opened() as webhooks:
        webhooks.add(endpoint())
        queued(webhooks, "a")
        assert webhooks.claim("wh_parks", "alive", NOW, UNTIL, 10)
        assert webhooks.release_interrupted() == 0
        assert webhooks.ready(NOW, [], 10) == []


def test_what_is_sent_anew_while_others_forget_is_not_forgotten(postgres_url: str) -> None:
    day = timedelta(days=1)
    with in_sql(postgres_url) as opened, ThreadPoolExecutor(1) as other:
        with opened() as webhooks:
            webhooks.add(endpoint())
            (lost,) = queued(webhooks, "a")
            assert webhooks.claim("wh_parks", "mine", NOW, UNTIL, 10)
            webhooks.finish(endpoint(), [failed(lost, Failure.GONE, NOW)])

        def forget() -> int:
            with opened() as elsewhere:
                return elsewhere.delete_old(NOW + day, NOW + day, 10)

        with opened() as webhooks:
            assert webhooks.replay_one("wh_parks", "a", NOW)
            forgotten = other.submit(forget)
            assert until(lambda: waits_for_a_lock(postgres_url), 30)
        assert forgotten.result(30) == 0
        with opened() as webhooks:
            assert [each.event_id for each in webhooks.deliveries("wh_parks", DeliveryState.DUE, 9)] == ["a"]


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


def test_secrets_go_under_the_newest_key(databases: str) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    confidence = EndpointSecrets((Secret("whsec_two"), Secret("whsec_one", NOW)), "ops@example.org")
    with in_sql(databases) as opened:
        with opened() as webhooks:
            webhooks.add(endpoint(sealed=FernetEndpointVault(MultiFernet([Fernet(old)])).seal(confidence)))
        keys = f"{new.decode()},{old.decode()}"
        assert rotate({"CONCORD_DATABASE_URL": databases, "CONCORD_VAULT_KEYS": keys}) == (1, 0)
        with opened() as webhooks:
            [found] = webhooks.endpoints()
    assert "whsec" not in found.sealed
    assert FernetEndpointVault(MultiFernet([Fernet(new)])).open(found.sealed) == confidence
    with pytest.raises(VaultUnreadable):
        FernetEndpointVault(MultiFernet([Fernet(old)])).open(found.sealed)


def test_the_migrations_make_what_the_tables_say(databases: str) -> None:
    upgrade(databases, "concord_notification")
    database = Database(databases, SqlStore)
    found = inspect(database.engine)
    for table in metadata.sorted_tables:
        made = {each["name"]: each["type"].compile(database.engine.dialect) for each in found.get_columns(table.name)}
        assert made == {each.name: each.type.compile(database.engine.dialect) for each in table.columns}
        assert {each["name"] for each in found.get_indexes(table.name)} == {each.name for each in table.indexes}
    database.dispose()


def test_what_waits_longer_than_any_wait_is_made_is_due(opened: Open) -> None:
    """The clock was set back, or another host's is ahead."""
    lease, tolerance = timedelta(seconds=60), timedelta(seconds=5)
    six_hours, second = timedelta(hours=6), timedelta(seconds=1)
    with opened() as webhooks:
        webhooks.add(endpoint("parks", rest_until=NOW + six_hours + tolerance + second))
        webhooks.add(endpoint("works", rest_until=NOW + six_hours + tolerance))
        fits, late = queued(webhooks, "e1", "e2")
        claimed = webhooks.claim(fits.endpoint_id, "c", NOW + 7 * six_hours, NOW + 8 * six_hours, 9)
        assert claimed is not None
        held = webhooks.claimed(fits.endpoint_id, "c")
        assert held is not None
        ends = (NOW + six_hours + tolerance, NOW + six_hours + tolerance + second)
        webhooks.finish(
            held, [replace(each, attempts=1, not_before=end) for each, end in zip((fits, late), ends, strict=True)]
        )
        assert webhooks.ready(NOW, [], 9) == []
        assert webhooks.end_overlong_waits(NOW, lease) >= 2
        assert [each.name for each in webhooks.ready(NOW, [], 9)] == ["parks"]
        batch = webhooks.claim(fits.endpoint_id, "d", NOW, NOW + lease, 9)
        assert batch is not None
        assert [each.event_id for each, _ in batch.deliveries] == ["e2"]
        rest = webhooks.endpoint("works")
        assert rest is not None
        assert rest.rest_until == NOW + six_hours + tolerance
