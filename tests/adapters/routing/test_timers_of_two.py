"""Two processes look after the same due promises at once: each is told of once, and nobody waits for the other."""

import threading
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta

from routing_concerns import AT, CITY, WEST, said
from tests.memory.bus import memory_codec

from concord_access.authenticator import OPERATOR
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.unit_of_work import OpenWork
from concord_city import Locator
from concord_routing.adapters.promise_repository import SqlPromises
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.check_deadlines import check_promises, check_silence
from concord_routing.application.execute_command import CommandRequest, VersionConflict, execute_command
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.commands import Update
from concord_routing.domain.promise import first_promises

CASES = 120
BATCH = 7
LATER = AT + timedelta(days=20)
CODEC = memory_codec()


class Process:
    """A timer, and an officer, with a database connection pool of its own."""

    def __init__(self, url):
        self.database = Database(url, SqlStore, lambda: LATER)
        self.seen = 0

    @contextmanager
    def work(self):
        with self.database.begin() as (tx, store):
            work = OpenWork(store, LATER, CODEC)
            yield work
            tx.enqueue(work.outgoing)

    def examine(self, together):
        together.wait(30)
        while True:
            with self.work() as work:
                found = check_promises(work, BATCH) + check_silence(work, CITY, BATCH)
            self.seen += found
            if not found and not self.left():
                return

    def left(self):
        with self.database.read() as (_, store):
            return bool(store.due_promises(LATER, 1) or store.silent_cases(LATER, 1))

    def order(self, together):
        """An officer gives every tenth case a word meanwhile."""
        together.wait(30)
        for n in range(0, CASES, 10):
            try:
                with self.work() as work:
                    request = CommandRequest(f"CASE{n}", 1, Update("soon"), OPERATOR)
                    execute_command(request, work, CITY, lambda case: "{}")
            except VersionConflict as error:
                raise AssertionError("a timer is no change by a person") from error


def opened(database):
    located = Locator(CITY).locate_all([WEST])[0]
    with database.begin() as (_, store):
        cases = store.add_cases(
            [open_case(CITY, said(f"c{n}"), located, "sealed", f"CASE{n}", AT) for n in range(CASES)]
        )
        store.save_promises([each for case in cases for each in first_promises(case, CITY)])


def test_each_is_told_of_once(databases):
    upgrade(databases, "concord_routing")
    processes, errors = [Process(databases) for _ in range(2)], []
    opened(processes[0].database)
    together = threading.Barrier(3)

    def run(act):
        try:
            act(together)
        except Exception as error:
            errors.append(error)

    if processes[0].database.dialect == "sqlite":  # one process owns the file: two threads of it
        processes[1].database.writing = processes[0].database.writing
    acts = [processes[0].examine, processes[1].examine, processes[0].order]
    workers = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in workers:
        each.start()
    for each in workers:
        each.join(90)

    assert errors == []
    assert not any(each.is_alive() for each in workers)
    with processes[0].database.read() as (tx, store):
        told = [CODEC.decode(row.body) for row in tx.outgoing(0, 10_000) if not row.private]
        sequences = defaultdict(list)
        for each in told:
            sequences[each.partitionkey].append(each.sequence)
        assert all(sorted(each) == list(range(3, 3 + len(each))) for each in sequences.values())
        assert all(
            max(sequences[case.concern_id]) == case.sequence for case in (store.case(f"CASE{n}") for n in range(CASES))
        )
        missed = Counter((each.partitionkey, each.data.promise) for each in told if each.type == "promise.missed.v1")
        assert missed == {(f"c{n}", kind): 1 for n in range(CASES) for kind in ("acknowledgement", "response")}
        silent = Counter(each.partitionkey for each in told if each.type == "concern.fell_silent.v1")
        assert set(silent.values()) == {1}
        assert set(silent) >= {f"c{n}" for n in range(CASES) if n % 10}
        escalated = {task.case_id for _, task in store.tasks(0, 1000) if task.kind == "promise_missed"}
        assert escalated == {f"CASE{n}" for n in range(CASES)}
    for each in processes:
        each.database.dispose()


def test_what_another_has_finished_meanwhile_does_not_hide_the_rest(databases, monkeypatch):
    """PostgreSQL finds cases before it locks them: all that were found may be done by then."""
    upgrade(databases, "concord_routing")
    process = Process(databases)
    opened(process.database)
    find, found = SqlPromises._lock_due_cases, []

    def found_before(promises, now, limit):
        """What was found before the other process committed, but locked after it."""
        return found.pop() if found else find(promises, now, limit)

    with process.database.read() as (_, store):
        found.append(find(store, LATER, BATCH))
    with process.work() as work:
        first = check_promises(work, BATCH)
    monkeypatch.setattr(SqlPromises, "_lock_due_cases", found_before)
    with process.work() as work:
        assert check_promises(work, BATCH) >= BATCH
    assert first >= BATCH
    assert found == []
    process.database.dispose()
