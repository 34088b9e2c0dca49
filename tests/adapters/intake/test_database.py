"""The schema, and two processes that meet on one database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select
from tests.memory.bus import memory_codec

from concord_access.adapters.sql import audit_tables
from concord_bus.adapters.sql import tables as spine
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.unit_of_work import OpenWork
from concord_intake.adapters import tables
from concord_intake.adapters.repository import SqlStore
from concord_intake.application.repeated_lines import RepeatedLine
from concord_intake.application.submit_concern import Accepted, IdempotencyKey, SubmitConcern, SubmitConcernHandler
from concord_intake.domain.concern import Submission
from concord_intake.domain.import_source import Line
from concord_intake.domain.receipt import Receipts
from concord_intake.ports import Store

SAID = Submission("noise", "Loud music", (-71.06, 42.36), None, None, "web", "en")
MEETINGS = 30


def test_the_migrations_make_the_tables_that_the_store_uses(databases: str) -> None:
    upgrade(databases, "concord_intake")
    upgrade(databases, "concord_intake")
    database = Database(databases, SqlStore)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, [tables.metadata, spine.metadata, audit_tables.metadata])
    database.dispose()
    assert [each for each in differences if "alembic_version" not in str(each)] == []


class Process:
    """What one process of the service has of its own: connections and a handler."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, SqlStore)
        self._codec = memory_codec()
        self._handler = SubmitConcernHandler(Receipts([b"k" * 32]))

    def take(self, *commands: SubmitConcern) -> list[str]:
        """Ids of the concerns, after the commit."""
        with self._work() as work:
            outcomes = self._handler(commands, work)
        return [each.concern_id for each in outcomes if isinstance(each, Accepted | RepeatedLine)]

    @contextmanager
    def _work(self) -> Iterator[OpenWork[Store]]:
        with self.database.begin() as (tx, store):
            work: OpenWork[Store] = OpenWork(store, datetime.now(UTC), self._codec)
            yield work
            tx.enqueue(work.outgoing)

    def total(self) -> tuple[int, int]:
        """Concerns, and messages in the outbox."""
        with self.database.begin() as (_, store):
            concerns = store.counts().concerns
        with self.database.engine.connect() as connection:
            return concerns, connection.execute(select(func.count()).select_from(spine.outbox)).scalar_one()


def test_the_same_requests_at_two_processes_have_one_effect_each(databases: str) -> None:
    upgrade(databases, "concord_intake")
    processes = [Process(databases), Process(databases)]
    together = threading.Barrier(2)
    answers: list[list[list[str]]] = [[], []]

    def serve(which: int) -> None:
        for number in range(MEETINGS):
            lines: list[Line] = [("city", f"{number}-{each}") for each in range(5)]
            commands = [
                SubmitConcern(SAID, key=IdempotencyKey(f"k{number}", b"x")),
                *(SubmitConcern(SAID, line=each) for each in lines),
            ]
            together.wait(20)
            answers[which].append(processes[which].take(*(commands if which else reversed(commands))))

    threads = [threading.Thread(target=serve, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [list(reversed(each)) for each in answers[0]] == answers[1]
    assert len(answers[1]) == MEETINGS
    assert processes[0].total() == (6 * MEETINGS, 12 * MEETINGS)
    for process in processes:
        process.database.dispose()
