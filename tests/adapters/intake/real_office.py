"""Intake on a real database, which keeps the statements, and lines for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from residents import NOW, Client, told
from sqlalchemy import event
from tests.memory.bus import memory_codec

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.unit_of_work import OpenWork
from concord_intake.adapters.repository import SqlStore

CODEC = memory_codec()
IMPORTER = "key:archive"


class Office:
    """Intake on a real database; every statement it sends is kept."""

    def __init__(self, url: str) -> None:
        upgrade(url, "concord_intake")
        self.database = Database(url, SqlStore)
        self.client = Client(self, lambda: NOW)
        self.statements: list[str] = []
        event.listen(self.database.engine, "before_cursor_execute", self._keep)

    def _keep(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)

    @contextmanager
    def work(self) -> Iterator[OpenWork[SqlStore]]:
        with self.database.begin() as (tx, store):
            work = OpenWork(store, NOW, CODEC)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self) -> Iterator[SqlStore]:
        with self.database.read() as (_, store):
            yield store

    def batch(self, *lines: bytes, source: str = "boston-311", importer: str | None = IMPORTER) -> list[str]:
        answers = b"".join(self.client.batch(lines, source, importer=importer)).splitlines()
        return [orjson.loads(each)["status"] for each in answers]

    def entries(self) -> list[tuple[str, str, Any]]:
        with self.read() as store:
            records = store.audit.records()
        assert all(each.subject.startswith("import:") for each in records)
        return [(each.actor, each.action, orjson.loads(each.details)) for each in records]

    def subjects(self) -> list[str]:
        with self.read() as store:
            return [each.subject for each in store.audit.records()]


def line(number: int, **changes: Any) -> bytes:
    return orjson.dumps(told(id=f"r-{number}", **changes))


def old(number: int, **changes: Any) -> bytes:
    return line(number, reported_at="2015-03-01T10:00:00Z", **changes)
