"""Due promises: 100,000 of 50,000 cases are all missed at once, and routing's own timer code looks at each of them.

One process examines them batch by batch, as the service's timer does: reads them case by case, marks them missed,
raises each case's sequence, opens a task for the supervisor, and writes 100,000 events into the outbox; each batch is
one transaction on the database (SQLite with `synchronous=FULL`, or PostgreSQL). As in the service two batches are in
hand at once on PostgreSQL, in green threads of the one process. No broker takes part: what the relay does afterwards is
measured by the routing hop.
"""

if __name__ == "__main__":
    from concord_cli.common.eventlet_setup import patch_eventlet

    patch_eventlet()

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import eventlet
from figures import Figure, run, say
from stage import CITY

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.gc_policy import schedule_collection
from concord_bus.unit_of_work import OpenWork
from concord_city import City, Located, load
from concord_contracts import Codec, Keyrings
from concord_contracts.messages import ConcernSubmitted
from concord_nodes import PostgresNode
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.check_deadlines import MAX_CASES, WORKERS_BY_DIALECT, check_promises
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.promise import first_promises

PROMISES = 100_000
GOAL_SECONDS = 5.0
RECEIVED = datetime(2026, 3, 2, 15, tzinfo=UTC)
LATER = RECEIVED + timedelta(days=300)
SEALED = "x" * 900
"""As long as an encrypted submission."""
SAID = ConcernSubmitted(
    concern_id="c",
    category="graffiti",
    channel="web",
    description="x",
    language="en",
    received_at=RECEIVED,
    occurred_at=None,
    point=None,
    address=None,
)
"""What all cases of these benches are opened for."""


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    number = PROMISES // 20 if options.quick else options.promises
    with database_url(postgres=options.postgres) as url:
        upgrade(url, "concord_routing")
        database = Database(url, SqlStore)
        say(f"  opening {number // 2:,} cases")
        fill(database, load(CITY), number // 2)
        seconds, cpu, longest = examined(database, number)
        database.dispose()
    return [
        Figure("due promises examined", seconds, f"s for {number:,}", GOAL_SECONDS, at_most=True),
        Figure("due promises, CPU of the process", cpu / number * 1e6, "µs/promise"),
        Figure("due promises, longest transaction", longest * 1000, "ms", note=f"{MAX_CASES:,} cases"),
    ]


@contextmanager
def database_url(*, postgres: bool) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        if not postgres:
            yield f"sqlite:///{folder}/routing.db"
            return
        Path(folder).chmod(0o711)  # PostgreSQL runs as an account of its own when root starts it
        node = PostgresNode(Path(folder) / "postgres")
        try:
            node.start()
            yield node.create_database("routing")
        finally:
            node.kill()


def fill(database: Database, city: City, cases: int) -> None:
    """Open cases whose promises have been due for long, and of which nothing was noticed yet."""
    area = next(iter(city.areas))
    case = open_case(city, SAID, Located(area), SEALED, "CASE", RECEIVED)
    for start in range(0, cases, 5000):
        numbers = range(start, min(start + 5000, cases))
        some = [replace(case, case_id=f"{n:010}", concern_id=f"concern-{n}") for n in numbers]
        with database.begin() as (_, store):
            store.add_cases(some)
            store.save_promises([each for one in some for each in first_promises(one, city)])


def examined(database: Database, number: int) -> tuple[float, float, float]:
    """Wall-clock and CPU seconds until nothing was due any more, and the longest transaction."""
    schedule_collection()  # as a service does when it begins to serve
    codec = Codec(Keyrings({}))
    batches: list[tuple[int, float]] = []

    def watch() -> None:
        while True:
            started = time.monotonic()
            with database.begin() as (tx, store):
                work = OpenWork(store, LATER, codec)
                found = check_promises(work)
                tx.enqueue(work.outgoing)
            batches.append((found, time.monotonic() - started))
            if not found:
                return
            eventlet.sleep(0)

    begun, cpu = time.monotonic(), time.process_time()
    for each in [eventlet.spawn(watch) for _ in range(WORKERS_BY_DIALECT.get(database.dialect, 1))]:
        each.wait()
    took = time.monotonic() - begun, time.process_time() - cpu, max(seconds for _, seconds in batches)
    seen = sum(found for found, _ in batches)
    if seen != number:
        raise RuntimeError(f"{seen:,} promises were seen, not {number:,}")
    return took


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--promises", type=int, default=PROMISES, help=f"how many are due (default: {PROMISES})")


if __name__ == "__main__":
    run("Due promises", measure, __doc__, _options)
