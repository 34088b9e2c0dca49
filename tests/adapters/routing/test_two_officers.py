"""Two processes on one PostgreSQL database get commands on the same cases at once: each case is changed in turn."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from routing_client import Client
from routing_concerns import AT, CITY, WEST, said
from sqlalchemy import text
from tests.memory.bus import memory_codec

from concord_access.authenticator import OPERATOR
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.unit_of_work import OpenWork
from concord_city import Locator
from concord_nodes.tcp_ports import until
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.execute_command import VersionConflict
from concord_routing.domain.case_opening import open_case
from concord_routing.ports import CaseFilter, IdempotencyRecord, PromiseStatus

CASES = 25
DAY = timedelta(days=1)
CODEC = memory_codec()


class Process:
    """A client with a database connection pool of its own."""

    def __init__(self, url):
        self.database = Database(url, SqlStore, lambda: AT)
        self.client = Client(self, lambda: AT)

    @contextmanager
    def work(self):
        with self.database.begin() as (tx, store):
            work = OpenWork(store, AT, CODEC)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self):
        with self.database.read() as (_, store):
            yield store


@pytest.fixture
def processes(postgres_url):
    upgrade(postgres_url, "concord_routing")
    made = [Process(postgres_url) for _ in range(2)]
    located = Locator(CITY).locate_all([WEST])[0]
    with made[0].database.begin() as (_, store):
        store.add_cases([open_case(CITY, said(f"c{n}"), located, "sealed", f"CASE{n}", AT) for n in range(CASES)])
    yield made
    for each in made:
        each.database.dispose()


def officer(number):
    return replace(OPERATOR, subject=f"key:officer-{number}")


def race(processes, act):
    """What `act(client, number, case_id)` came to for each case, in both processes at the same moment."""
    together, came, errors = threading.Barrier(len(processes)), [[] for _ in range(CASES)], []

    def run(process, number):
        try:
            for n in range(CASES):
                together.wait(30)
                try:
                    came[n].append(act(process.client, number, f"CASE{n}"))
                except VersionConflict as late:
                    came[n].append(late)
        except Exception as error:
            errors.append(error)
            together.abort()

    workers = [threading.Thread(target=run, args=(each, n)) for n, each in enumerate(processes)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(90)
    assert errors == []
    assert not any(each.is_alive() for each in workers)
    return came


def told(process):
    with process.database.read() as (tx, _):
        events = [CODEC.decode(row.body) for row in tx.outgoing(0, 1000) if not row.private]
    return Counter((each.partitionkey, each.sequence) for each in events)


def test_of_two_commands_on_one_version_one_wins_and_the_other_sees_it(processes):
    came = race(
        processes,
        lambda client, number, case_id: client.order(
            ("acknowledge", "resolve")[number], case_id, ({}, {"reason": "done"})[number], officer(number), '"1"'
        ),
    )

    for n, both in enumerate(came):
        late = [each for each in both if isinstance(each, VersionConflict)]
        assert len(late) == 1
        assert late[0].case.version == 2
        _, case = processes[0].client.show(f"CASE{n}", OPERATOR)
        assert (case["version"], len(case["history"])) == (2, 2)
        assert case["state"] == late[0].case.state == case["history"][1]["after"]
    assert told(processes[0]) == {(f"c{n}", 3): 1 for n in range(CASES)}


def test_one_request_sent_to_both_has_one_effect_and_one_answer(processes):
    came = race(
        processes,
        lambda client, number, case_id: client.order(
            "update", case_id, {"message": "soon"}, officer(0), '"1"', f"key {case_id}"
        ),
    )

    assert all(one == other for one, other in came)
    assert all(one.version == 2 for one, _ in came)
    assert told(processes[0]) == {(f"c{n}", 3): 1 for n in range(CASES)}


def test_who_tries_again_with_the_new_version_gets_a_turn(processes):
    """Nothing is lost when officers write updates against each other: versions and sequences have no gap."""

    def insist(client, number, case_id):
        version = 1
        while True:
            try:
                return client.order("update", case_id, {"message": f"from {number}"}, officer(number), f'"{version}"')
            except VersionConflict as late:
                version = late.case.version

    came = race(processes, insist)

    assert all({each.version for each in both} == {2, 3} for both in came)
    assert told(processes[0]) == {(f"c{n}", sequence): 1 for n in range(CASES) for sequence in (3, 4)}
    for n in range(CASES):
        _, case = processes[1].client.show(f"CASE{n}", OPERATOR)
        assert {each["actor"] for each in case["history"]} == {"rules", "key:officer-0", "key:officer-1"}
        assert [each["version"] for each in case["history"]] == [1, 2, 3]


def test_a_key_that_is_claimed_anew_while_old_ones_are_forgotten_is_kept(processes):
    one, other = processes
    old, new = IdempotencyRecord("k", b"1", AT), IdempotencyRecord("k", b"2", AT + 2 * DAY)
    with one.work() as work:
        work.store.claim_idempotency_key(old, AT - DAY)

    def forget():
        with other.work() as work:
            return work.store.delete_expired_keys(AT + DAY, 10)

    with ThreadPoolExecutor(1) as elsewhere:
        with one.work() as work:
            assert work.store.claim_idempotency_key(new, AT + DAY) == new
            forgotten = elsewhere.submit(forget)
            assert until(lambda: waits_for_a_lock(one.database), 30)
        assert forgotten.result(30) == 0
    with one.work() as work:
        assert work.store.claim_idempotency_key(IdempotencyRecord("k", b"3", AT + 2 * DAY), AT + DAY) == new


def test_who_waits_for_a_timer_reads_what_it_told(processes):
    """The lock is of the case's row, which a timer leaves as it is: what it changes stands beside it."""
    one, other = processes

    def lock():
        with other.work() as work:
            return work.store.lock("CASE1"), work.store.lock_by_concern("c1")

    with ThreadPoolExecutor(1) as elsewhere:
        with one.work() as work:
            case = work.store.lock("CASE1")
            place = next(place for place, each in work.store.cases(CaseFilter(), 0, CASES) if each == case)
            work.store.save_promise_statuses([PromiseStatus(place, "missed", 7)])
            locked = elsewhere.submit(lock)
            assert until(lambda: waits_for_a_lock(one.database), 30)
        assert {(case.sequence, case.promise) for case in locked.result(30)} == {(7, "missed")}


def waits_for_a_lock(database):
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.engine.connect() as connection:
        return connection.execute(text(query)).scalar_one() > 0
