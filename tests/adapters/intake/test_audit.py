"""An import of history leaves its entries in the transactions that took it in; what residents report leaves none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from residents import NOW, Client, told
from sqlalchemy import event
from tests.memory.bus import memory_codec

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.unit_of_work import OpenWork
from concord_intake.adapters.repository import SqlStore
from concord_intake.entrypoints.ndjson_import import LINES_PER_TRANSACTION

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


@pytest.fixture
def office(databases: str) -> Iterator[Office]:
    made = Office(databases)
    yield made
    made.database.dispose()


def line(number: int, **changes: Any) -> bytes:
    return orjson.dumps(told(id=f"r-{number}", **changes))


def old(number: int, **changes: Any) -> bytes:
    return line(number, reported_at="2015-03-01T10:00:00Z", **changes)


def imported(lines: int, source: str | None = "boston-311") -> tuple[str, str, Any]:
    return IMPORTER, "history.imported", {"lines": lines, "source": source}


def test_an_entry_counts_the_lines_with_a_past_that_were_taken_in(office: Office) -> None:
    assert office.batch(old(1), line(2), old(3), old(4, category="dragons")) == ["accepted"] * 3 + ["refused"]
    assert office.entries() == [imported(2)]
    assert office.batch(old(1), line(2), old(3)) == ["already"] * 3
    assert office.entries() == [imported(2)]
    assert office.batch(old(3), old(5), source="the archive of Ana Diaz") == ["accepted"] * 2
    assert office.entries() == [imported(2), imported(2, None)]
    assert len(set(office.subjects())) == 2


def test_each_transaction_of_a_request_has_its_entry(office: Office) -> None:
    answers = office.client.batch((old(n) for n in range(LINES_PER_TRANSACTION + 5)), "boston-311", importer=IMPORTER)
    next(answers)
    assert office.entries() == [imported(LINES_PER_TRANSACTION)]
    assert len(list(answers)) == 1
    assert office.entries() == [imported(LINES_PER_TRANSACTION), imported(5)]
    assert len(set(office.subjects())) == 1


def test_lines_that_are_tried_one_by_one_have_an_entry_each(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    add = SqlStore.add

    def picky(store: SqlStore, concerns: Any) -> None:
        if any(each.description == "boom" for each in concerns):
            raise RuntimeError
        add(store, concerns)

    monkeypatch.setattr(SqlStore, "add", picky)
    assert office.batch(old(1), old(2, description="boom"), old(3)) == ["accepted", "refused", "accepted"]
    assert office.entries() == [imported(1), imported(1)]


def test_without_its_entry_nothing_is_taken_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise DatabaseUnavailable

    monkeypatch.setattr("concord_access.adapters.sql.audit.SqlAudit.append", away)
    assert office.batch(old(1), line(2)) == ["refused", "refused"]
    assert office.client.routes.concerns.counts().concerns == 0
    assert office.batch(line(2)) == ["accepted"]


def test_where_nothing_is_audited_the_chain_is_not_touched(office: Office) -> None:
    office.statements.clear()
    office.client.report(told())
    assert office.batch(line(1), line(2), importer=None) == ["accepted"] * 2
    assert office.batch(line(3)) == ["accepted"]
    assert office.batch(old(4), importer=None) == ["refused"]
    assert office.statements
    assert not [each for each in office.statements if "audit_entries" in each or "advisory" in each]
    assert office.entries() == []
