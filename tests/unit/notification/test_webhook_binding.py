"""Which events the broker is to bring for webhooks, and how the binder follows the endpoints."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from tests.memory.notification import MemoryStore

from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.health import ConnectionState
from concord_bus.metrics import Instruments
from concord_bus.topology.declarations import WEBHOOKS
from concord_notification.webhooks.application.binding_sync import FULL_SYNC_SECONDS, POLL_SECONDS, BindingSync
from concord_notification.webhooks.domain.endpoint import DisableReason, Endpoint, Grant, disabled, types_to_bind
from concord_notification.webhooks.ports import BindingFailed

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
MADE, KEPT, ROUTED = "promise.made.v1", "promise.kept.v1", "concern.routed.v1"


def endpoint(name: str, *types: str) -> Endpoint:
    return Endpoint(f"wh_{name}", name, f"https://{name}.example.org/", Grant(types, areas=("B2",)), "sealed", NOW)


def test_what_somebody_is_granted_is_wanted() -> None:
    assert types_to_bind([], WEBHOOKS.at_will) == set()
    assert types_to_bind([endpoint("parks", ROUTED)], WEBHOOKS.at_will) == set(), "comes anyway"
    assert types_to_bind([endpoint("parks", ROUTED, MADE), endpoint("water", MADE)], WEBHOOKS.at_will) == {MADE}
    assert types_to_bind([endpoint("parks", MADE), endpoint("water", KEPT)], WEBHOOKS.at_will) == {MADE, KEPT}
    assert types_to_bind([endpoint("old", "promise.made.v0")], WEBHOOKS.at_will) == set()


def test_a_disabled_endpoint_wants_its_events_still() -> None:
    assert types_to_bind([disabled(endpoint("parks", MADE), DisableReason.GONE, NOW)], WEBHOOKS.at_will) == {MADE}


class Broker:
    """Keeps what is bound; is away while `problem` says so."""

    def __init__(self) -> None:
        self.bound: set[str] = set(WEBHOOKS.at_will)
        self.passes: list[frozenset[str]] = []
        self.problem: str | None = None
        self.heartbeats = 0
        self.closed = False

    def open(self) -> None:
        if self.problem:
            raise BindingFailed(self.problem)

    def replace(self, types: Collection[str], seconds: float) -> None:
        self.open()
        self.passes.append(frozenset(types))
        self.bound = set(types)

    def heartbeat(self) -> None:
        self.open()
        self.heartbeats += 1

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None: ...


class Scene:
    def __init__(self) -> None:
        self.now = 100.0
        self.store = MemoryStore()
        self.broker = Broker()
        self.database_away = False
        self.state = ConnectionState("binder", Instruments.unregistered())
        self.binder = BindingSync(self.read, self.broker, WEBHOOKS.at_will, self.state, ticking=lambda: self.now)

    @contextmanager
    def read(self) -> Iterator[MemoryStore]:
        if self.database_away:
            raise DatabaseUnavailable
        yield self.store

    def step(self, later: float = 0.0) -> None:
        self.now += later
        self.binder.step(0)

    def settled(self, types: Collection[str]) -> bool:
        """What `settle` answers, the binder's own thread going on meanwhile."""
        answers: list[bool] = []
        asking = threading.Thread(target=lambda: answers.append(self.binder.reconcile(types, 10)))
        asking.start()
        while asking.is_alive():
            self.binder.step(0.01)
        return answers[0]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_not_ready_until_everything_was_said_once_and_left_over_bindings_are_gone(scene: Scene) -> None:
    assert scene.state.check() == "the binder is not connected yet"
    scene.store.webhooks.add(endpoint("parks", MADE, ROUTED))
    scene.step()
    assert scene.broker.bound == {MADE}
    assert scene.state.check() is None


def test_an_endpoint_of_this_process_is_bound_when_it_is_asked_for(scene: Scene) -> None:
    scene.step()
    scene.store.webhooks.add(endpoint("parks", MADE))
    assert scene.settled([MADE])
    assert scene.broker.bound == {MADE}
    scene.store.webhooks.remove("wh_parks")
    assert scene.settled([MADE])
    assert scene.broker.bound == set()


def test_types_that_come_anyway_ask_nobody(scene: Scene) -> None:
    scene.broker.problem = "is away"
    assert scene.binder.reconcile([ROUTED], 0)
    assert scene.broker.passes == []


def test_an_endpoint_of_another_process_is_bound_with_the_next_look(scene: Scene) -> None:
    scene.step()
    scene.step(FULL_SYNC_SECONDS)
    scene.store.webhooks.add(endpoint("parks", MADE))
    before = len(scene.broker.passes)
    scene.step(POLL_SECONDS / 2)
    assert scene.broker.bound == set()
    scene.step(POLL_SECONDS)
    assert scene.broker.bound == {MADE}
    assert len(scene.broker.passes) == before + 1


def test_while_nothing_changes_little_is_said(scene: Scene) -> None:
    scene.step()
    for _ in range(60):
        scene.step(1.0)
    assert len(scene.broker.passes) == 3, "at the start, once more soon after, and then every half minute"
    assert scene.broker.heartbeats >= 40


def test_what_somebody_changed_on_the_broker_is_put_right(scene: Scene) -> None:
    scene.store.webhooks.add(endpoint("parks", MADE))
    scene.step()
    scene.step(POLL_SECONDS)
    scene.broker.bound = {KEPT}
    scene.step(FULL_SYNC_SECONDS)
    assert scene.broker.bound == {MADE}


def test_a_broker_that_is_away_is_said_and_told_when_it_is_back(scene: Scene) -> None:
    scene.step()
    scene.store.webhooks.add(endpoint("parks", MADE))
    scene.broker.problem = "has no connection to the broker (OSError)"
    assert not scene.settled([MADE])
    assert scene.state.check() == "the binder has no connection to the broker (OSError)"
    scene.broker.problem = None
    scene.step(POLL_SECONDS)
    assert scene.broker.bound == {MADE}
    assert scene.state.check() is None
    before = len(scene.broker.passes)
    scene.step(POLL_SECONDS)
    assert len(scene.broker.passes) == before + 1, "once more: what it was told before it may have done late"


def test_a_connection_that_is_lost_is_noticed_between_the_looks(scene: Scene) -> None:
    scene.step()
    scene.broker.problem = "has no connection to the broker (OSError)"
    scene.step(1.0)
    assert scene.state.check()


def test_a_database_that_is_away_unbinds_nothing(scene: Scene) -> None:
    scene.database_away = True
    scene.step()
    assert scene.broker.passes == []
    assert scene.state.check() == "the binder waits for the database"


def test_nobody_waits_longer_than_was_said_and_a_stop_lets_all_go(scene: Scene) -> None:
    assert not scene.binder.reconcile([MADE], 0.01), "nobody steps"
    running = threading.Thread(target=scene.binder.run)
    running.start()
    scene.binder.stop()
    running.join(10)
    assert not running.is_alive()
    assert scene.broker.closed
    assert not scene.binder.reconcile([MADE], 10)


def test_who_asks_during_a_pass_gets_a_pass_of_their_own(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    follow: Callable[[Collection[str], float], None] = scene.broker.replace

    def while_another_is_added(now_so: Collection[str], seconds: float) -> None:
        follow(now_so, seconds)
        if not scene.store.webhooks.endpoints():
            scene.store.webhooks.add(endpoint("parks", MADE))
            threading.Thread(target=lambda: scene.binder.reconcile([MADE], 5)).start()
            while scene.binder._requested == 0:
                pass

    monkeypatch.setattr(scene.broker, "replace", while_another_is_added)
    scene.step()
    assert scene.broker.bound == set()
    scene.step()
    assert scene.broker.bound == {MADE}
