"""A database that turns read-only or loses a table stops no service: it says why it is not ready, and goes on after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from bus_messages import submitted
from bus_stage import Ledger, Stage, ids
from bus_waiting import eventually

from concord_nodes import PostgresNode

EVENTS = 30


@contextmanager
def read_only(node: PostgresNode, name: str) -> Iterator[None]:
    """As after a failover to a standby that is not promoted yet; sessions that exist end."""
    set_read_only(node, name, "on")
    try:
        yield
    finally:
        set_read_only(node, name, "off")


def set_read_only(node: PostgresNode, name: str, value: str) -> None:
    node.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
    node.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@contextmanager
def without_a_table(node: PostgresNode, name: str) -> Iterator[None]:
    node.execute("ALTER TABLE inbox RENAME TO gone", name)
    try:
        yield
    finally:
        node.execute("ALTER TABLE gone RENAME TO inbox", name)


@pytest.mark.parametrize(
    ("day", "reason"),
    [(read_only, "the database is read-only"), (without_a_table, "the database lacks the table inbox")],
    ids=["read-only", "a missing table"],
)
def test_it_stays_up_says_why_and_goes_on(
    stage: Stage, postgres: PostgresNode, postgres_url: str, day: Callable[..., object], reason: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    probe = stage.probe(postgres_url).start()
    first, second = [[submitted(f"c{turn}-{number}") for number in range(EVENTS)] for turn in range(2)]
    stage.publish(*first, submitted("c-waits", do="raise", times=1))
    ledger = Ledger(postgres_url)
    eventually(lambda: len(ledger.effects()), lambda count: count >= EVENTS)
    with day(postgres, name):  # type: ignore[attr-defined]
        eventually(probe.reasons, lambda reasons: reason in reasons, 30)
        stage.publish(*second)
        eventually(probe.reasons, lambda reasons: "the consumer waits for the database" in reasons, 30)
        assert probe.alive
    probe.await_ready()
    eventually(ledger.counter("effects"), 2 * EVENTS + 1)
    eventually(ledger.counter("outbox"), 0)
    assert set(ids(first + second)) < set(ledger.effects())
    assert ledger.parked() == []
    assert probe.alive
