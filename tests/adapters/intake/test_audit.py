"""An import of history leaves its entries in the transactions that took it in; what residents report leaves none."""

from collections.abc import Iterator
from typing import Any

import pytest
from real_office import IMPORTER, Office, line, old
from residents import told

from concord_bus.domain.errors import DatabaseUnavailable
from concord_intake.adapters.repository import SqlStore
from concord_intake.entrypoints.ndjson_import import LINES_PER_TRANSACTION


@pytest.fixture
def office(databases: str) -> Iterator[Office]:
    made = Office(databases)
    yield made
    made.database.dispose()


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
