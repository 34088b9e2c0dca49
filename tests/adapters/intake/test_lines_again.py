"""Lines that come again, on real databases: a fixed number of statements, and two processes at once."""

import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from real_office import Office, old

LINES = 100
CLOSED, LATER = "2015-03-04T08:30:00Z", "2015-03-05T08:30:00Z"
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def office(databases: str) -> Iterator[Office]:
    made = Office(databases)
    yield made
    made.database.dispose()


def night(lines: int = LINES, **changes: Any) -> list[bytes]:
    return [old(number, **changes) for number in range(lines)]


def statements(office: Office, lines: int, **changes: Any) -> int:
    office.statements.clear()
    office.batch(*night(lines, **changes))
    return len(office.statements)


def test_the_number_of_statements_does_not_grow_with_the_lines(office: Office) -> None:
    office.batch(*night())
    again = [statements(office, lines) for lines in (10, LINES)]
    assert again[0] == again[1]
    assert again[0] <= 4, "begin, claim, read and commit"
    changed = [statements(office, lines, closed_at=at) for lines, at in ((10, CLOSED), (LINES, LATER))]
    assert changed[0] == changed[1]
    differing = [statements(office, lines, closed_at=LATER, channel="phone") for lines in (10, LINES)]
    assert differing[0] == differing[1]


def test_a_dry_run_only_reads(office: Office) -> None:
    office.batch(*night(2))
    office.statements.clear()
    lines = [*night(2, closed_at=CLOSED), old(3)]
    results = b"".join(office.client.batch(lines, "boston-311", importer="key:archive", dry_run=True)).splitlines()
    assert [orjson.loads(each)["status"] for each in results] == ["updated", "updated", "new"]
    assert office.statements
    assert not [each for each in office.statements if each.startswith(WRITES)]
    assert office.batch(*lines) == ["updated", "updated", "accepted"]


def test_two_processes_with_the_same_night_end_alike(databases: str) -> None:
    offices = [Office(databases), Office(databases)]
    offices[0].batch(*night())
    together = threading.Barrier(2)
    results: list[list[str]] = [[], []]

    def send(which: int) -> None:
        for closed_at in (CLOSED, LATER, None):
            together.wait(30)
            lines = night(closed_at=closed_at)
            results[which] += offices[which].batch(*(lines if which else reversed(lines)))

    threads = [threading.Thread(target=send, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results[0]) == len(results[1]) == 3 * LINES
    assert {*results[0], *results[1]} <= {"updated", "already"}
    assert (results[0] + results[1]).count("updated") == 3 * LINES, "each change is published once"
    with offices[0].read() as store:
        stored = store.lines([("boston-311", f"r-{number}") for number in range(LINES)])
    assert {line.closed_at for line in stored.values()} == {None}
    for office in offices:
        office.database.dispose()
