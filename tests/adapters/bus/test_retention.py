"""What a service need not keep any more goes, however much there is, in short transactions."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from concord_bus.adapters.sql.tables import metadata
from concord_bus.domain.delivery import Delivery
from concord_bus.metrics import Instruments
from concord_bus.runtime import BusRuntime
from concord_bus.settings import BusSettings

START = datetime(2026, 11, 22, 18, 20, tzinfo=UTC).timestamp()
DAY = 86400.0
INBOX, PARKED = 25_000, 250


class Clock:
    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(databases: str, clock: Clock) -> Iterator[BusRuntime]:
    """A service that keeps settled messages for a week, with more of everything than one batch takes."""
    env = {
        "CONCORD_BROKER_URL": "amqp://localhost",
        "CONCORD_DATABASE_URL": databases,
        "CONCORD_PARKED_RETENTION_DAYS": "7",
    }
    settings, instruments = BusSettings.from_env(env), Instruments(CollectorRegistry())
    made = BusRuntime("metrics", settings, {}, lambda connection: None, [], instruments=instruments, clock=clock)
    metadata.create_all(made.database.engine)
    fill(made)
    yield made
    made.database.dispose()


def fill(runtime: BusRuntime) -> None:
    with runtime.database.begin() as (tx, _):
        tx.add_to_inbox([f"event {number}" for number in range(INBOX)])
        for number in range(PARKED):
            tx.park(Delivery("metrics.events", "concord.events", "k", b"%d" % number), "r", 0, None)
        for row in tx.parked(PARKED):
            tx.drop_parked(row.id)


def left(runtime: BusRuntime) -> tuple[int, int]:
    """How many entries the inbox has, and how many dropped messages can still be shown."""
    with runtime.database.read() as (tx, _):
        return tx.depths().inbox, sum(tx.parked_message(number) is not None for number in range(1, PARKED + 1))


def test_each_goes_when_its_own_time_is_over(runtime: BusRuntime, clock: Clock) -> None:
    clock.seconds = START + 7 * DAY
    assert runtime.forget_old() == 0
    clock.seconds = START + 7 * DAY + 1
    assert runtime.forget_old() == PARKED
    assert left(runtime) == (INBOX, 0)
    clock.seconds = START + 30 * DAY + 1
    assert runtime.forget_old() == INBOX
    assert left(runtime) == (0, 0)


def test_others_get_their_turn_between_batches_and_may_end_it(runtime: BusRuntime, clock: Clock) -> None:
    clock.seconds = START + 31 * DAY
    turns: list[tuple[int, int]] = []

    def keep_going() -> bool:
        turns.append(left(runtime))
        return len(turns) < 2

    runtime.forget_old(keep_going)
    assert turns == [(15_000, 150), (5_000, 50)]
    assert left(runtime) == turns[-1]
