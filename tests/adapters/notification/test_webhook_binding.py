"""Binding on a real broker, and two processes that bind.

Neither unbinds, from an older list, what the other has bound for a new endpoint.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import quote

import pytest
from mute_broker import MuteBroker
from sqlalchemy import create_engine, text

from concord_bus.adapters.amqp import connection
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.health import ConnectionState
from concord_bus.metrics import Instruments
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import WEBHOOKS
from concord_bus.topology.definitions import definitions
from concord_nodes import RabbitNode
from concord_nodes.tcp_ports import until
from concord_notification.store import SqlStore
from concord_notification.webhooks.adapters.queue_bindings import QueueBindings
from concord_notification.webhooks.application.binding_sync import BindingSync
from concord_notification.webhooks.domain.endpoint import Endpoint, Grant
from concord_notification.webhooks.ports import BindingFailed

MADE = "promise.made.v1"
PARKS = Endpoint("wh_parks", "parks", "https://parks.example.org/", Grant((MADE,)), "sealed", datetime.now(UTC))


class Broker:
    """What is bound; `connection` is one process's way to it."""

    def __init__(self) -> None:
        self.bound = set(WEBHOOKS.at_will)

    def connection(self, hold: threading.Event | None = None) -> "Connection":
        return Connection(self, hold)


class Connection:
    """Waits for `hold` before it does what it was told."""

    def __init__(self, broker: Broker, hold: threading.Event | None) -> None:
        self._broker = broker
        self._hold = hold
        self.told = threading.Event()

    def open(self) -> None: ...

    def replace(self, types: Collection[str], seconds: float) -> None:
        self.told.set()
        assert self._hold is None or self._hold.wait(30)
        self._broker.bound = set(types)

    def heartbeat(self) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def binder_on(database: Database, connection: Connection) -> BindingSync:
    @contextmanager
    def read() -> Iterator[Any]:
        with database.read() as (_, store):
            yield store

    state = ConnectionState("binder", Instruments.unregistered())
    return BindingSync(read, connection, WEBHOOKS.at_will, state)


def waits_for_its_turn(url: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return bool(connection.execute(text(query)).scalar_one())
    finally:
        engine.dispose()


def test_a_slow_process_with_an_older_list_does_not_unbind_what_a_quick_one_added(postgres_url: str) -> None:
    upgrade(postgres_url, "concord_notification")
    slow_database, quick_database = Database(postgres_url, SqlStore), Database(postgres_url, SqlStore)
    broker, go_on = Broker(), threading.Event()
    slow = broker.connection(go_on)
    threads = [threading.Thread(target=binder_on(slow_database, slow).step, args=(0,))]
    try:
        threads[0].start()
        assert slow.told.wait(30), "it has read that there is no endpoint"
        with quick_database.begin() as (_, store):
            assert store.webhooks.add(PARKS)
        quick = binder_on(quick_database, broker.connection())
        threads.append(threading.Thread(target=quick.step, args=(0,)))
        threads[1].start()
        assert until(lambda: waits_for_its_turn(postgres_url), 30)
    finally:
        go_on.set()
        for each in threads:
            each.join(30)
        slow_database.dispose()
        quick_database.dispose()
    assert broker.bound == {MADE}
    assert quick.state.check() is None


def topology_on(node: RabbitNode, vhost: str) -> BrokerAddress:
    """Declared there; the login is the administrator's."""
    node.management.call("POST", "/api/definitions", definitions({}, vhost))
    return BrokerAddress.parse(node.amqp_url(vhost=vhost))


def bound(node: RabbitNode, vhost: str) -> set[str]:
    found = node.management.call("GET", f"/api/queues/{quote(vhost, safe='')}/{WEBHOOKS.name}/bindings")
    return {each["routing_key"] for each in found if each["source"] == WEBHOOKS.exchange}


def test_what_is_wanted_is_bound_and_the_rest_unbound_however_often_it_is_said(vhost: Any) -> None:
    bindings = QueueBindings(topology_on(vhost.node, vhost.name), WEBHOOKS, "test")
    try:
        for types in ({MADE}, {MADE}, set(WEBHOOKS.at_will), set(), set(), {MADE, "concern.routed.v1"}):
            bindings.open()
            bindings.replace(types, 10)
            bindings.heartbeat()
            assert bound(vhost.node, vhost.name) == {f"{kind}.#" for kind in types if kind in WEBHOOKS.at_will}
    finally:
        bindings.close()


def test_a_process_that_stood_still_unbinds_nothing(vhost: Any) -> None:
    moments = iter([0.0, 11.0])
    address = topology_on(vhost.node, vhost.name)
    awake, asleep = (
        QueueBindings(address, WEBHOOKS, "awake"),
        QueueBindings(address, WEBHOOKS, "t", lambda: next(moments)),
    )
    try:
        awake.open()
        awake.replace({MADE}, 10)
        asleep.open()
        with pytest.raises(BindingFailed, match="no answer within 5 s"):
            asleep.replace(set(), 10)
        assert bound(vhost.node, vhost.name) == {f"{MADE}.#"}
    finally:
        awake.close()
        asleep.close()


def test_a_queue_that_is_missing_is_said_with_the_remedy(vhost: Any) -> None:
    bindings = QueueBindings(BrokerAddress.parse(vhost.amqp_url), WEBHOOKS, "test")
    bindings.open()
    with pytest.raises(BindingFailed, match="run `concord topology apply`"):
        bindings.replace({MADE}, 10)


def test_a_broker_that_does_not_answer_is_given_up_in_time(rabbit_own: RabbitNode) -> None:
    bindings = QueueBindings(topology_on(rabbit_own, "/"), WEBHOOKS, "test")
    bindings.open()
    rabbit_own.freeze()
    try:
        begun = monotonic()
        with pytest.raises(BindingFailed, match="has no connection to the broker"):
            bindings.replace({MADE}, 1.0)
        assert monotonic() - begun < 3.0
    finally:
        rabbit_own.thaw()


def test_a_broker_that_lives_but_does_not_answer_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.5)
    with MuteBroker("channel.open") as broker:
        begun = monotonic()
        with pytest.raises(BindingFailed, match="the broker does not respond"):
            QueueBindings(BrokerAddress.parse(broker.url), WEBHOOKS, "test").open()
        assert monotonic() - begun < 2.5
    with MuteBroker("queue.unbind") as broker:
        bindings = QueueBindings(BrokerAddress.parse(broker.url), WEBHOOKS, "test")
        bindings.open()
        begun = monotonic()
        with pytest.raises(BindingFailed, match="the broker does not respond"):
            bindings.replace({MADE}, 0.3)
        assert monotonic() - begun < 2.5
