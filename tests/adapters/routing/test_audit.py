"""Commands leave one entry each in routing's audit, and `concord audit verify` finds what was done to them since."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner
from routing_client import Client
from routing_concerns import AT, CITY, EAST, OUTSIDE, WEST, said
from sqlalchemy import text
from tests.memory.bus import memory_codec

from concord_access.authenticator import OPERATOR
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.unit_of_work import OpenWork
from concord_city import Locator
from concord_cli.commands import concord
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.execute_command import CaseNotFound, VersionConflict
from concord_routing.domain.case_opening import open_case, task_for

OFFICER = replace(OPERATOR, subject="key:night-desk", teams=frozenset({"patrol-west"}))
CODEC = memory_codec()


class Office:
    """A client on a real database with the cases W (west), E (east) and T (in triage)."""

    def __init__(self, url):
        self.url = url
        upgrade(url, "concord_routing")
        self.database = Database(url, SqlStore, lambda: AT)
        self.client = Client(self, lambda: AT)
        located = Locator(CITY).locate_all([WEST, EAST, OUTSIDE])
        cases = [open_case(CITY, said(f"c{n}"), at, "sealed", "WET"[n], AT) for n, at in enumerate(located)]
        with self.database.begin() as (_, store):
            store.add_cases(cases)
            store.add_tasks([task for task in map(task_for, cases) if task])

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

    def order(self, command, case="W", version=1, raw=None, who=OFFICER, key=None):
        return self.client.order(command, case, raw or {}, who, f'"{version}"', key)

    def entries(self):
        with self.read() as store:
            return [(each.actor, each.action, each.subject, each.details) for each in store.audit.records()]

    def vandalise(self, *statements):
        """As somebody who owns the database: first they take the triggers away."""
        if self.database.dialect == "sqlite":
            guards = [f"DROP TRIGGER audit_entries_{each}" for each in ("no_update", "no_delete", "at_the_end")]
        else:
            guards = ["ALTER TABLE audit_entries DISABLE TRIGGER USER"]
        with self.database.engine.begin() as connection:
            for each in (*guards, *statements):
                connection.execute(text(each))

    def verify(self, *arguments):
        return CliRunner().invoke(concord, ["audit", "verify", "--database", self.url, *arguments])


@pytest.fixture
def office(databases):
    made = Office(databases)
    yield made
    made.database.dispose()


def test_one_entry_for_each_command_that_took_effect(office):
    office.order("acknowledge", key="k1")
    office.order("acknowledge", key="k1")
    with pytest.raises(VersionConflict):
        office.order("resolve", raw={"reason": "done"})
    with pytest.raises(CaseNotFound):
        office.order("acknowledge", "E")
    office.order("update", "W", 2, {"message": "says Alex Example"})
    office.order("reassign", "T", 1, {"team": "works"}, OPERATOR)

    assert office.entries() == [
        (
            "key:night-desk",
            "case.acknowledged",
            "case:W",
            '{"after":"acknowledged","before":"routed","version":2}',
        ),
        (
            "key:night-desk",
            "case.updated",
            "case:W",
            '{"after":"in_progress","before":"acknowledged","version":3}',
        ),
        (
            "operator",
            "case.reassigned",
            "case:T",
            '{"after":"routed","before":"triage","from_team":null,"team":"works","version":2}',
        ),
    ]
    verified = office.verify()
    assert (verified.exit_code, "3 entries, whole" in verified.stdout) == (0, True)


@pytest.fixture
def worked(office):
    """An audit of five entries."""
    office.order("acknowledge")
    for version in range(2, 6):
        office.order("update", "W", version, {"message": "soon"})
    return office


SWAPPED = (
    "UPDATE audit_entries SET seq = 100 WHERE seq = 2",
    "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
    "UPDATE audit_entries SET seq = 3 WHERE seq = 100",
)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (("UPDATE audit_entries SET actor = 'key:somebody-else' WHERE seq = 3",), "entry 3: changed"),
        (("UPDATE audit_entries SET at = '2026-01-01T00:00:00.000000Z' WHERE seq = 1",), "entry 1: changed"),
        (("DELETE FROM audit_entries WHERE seq = 3",), "entry 3: missing"),
        (("DELETE FROM audit_entries WHERE seq = 1",), "entry 1: missing"),
        (SWAPPED, "entry 2: reordered"),
    ],
)
def test_what_was_done_to_an_entry_is_found(worked, statements, told):
    worked.vandalise(*statements)
    verified = worked.verify()
    assert verified.exit_code == 1
    assert told in verified.stdout
    assert "BROKEN" in verified.stdout


def test_a_tail_that_was_cut_off_is_found_with_the_head_that_was_kept(worked):
    head = worked.verify().stdout.split()[-1]
    worked.vandalise("DELETE FROM audit_entries WHERE seq > 3")
    assert worked.verify().exit_code == 0
    verified = worked.verify("--expect", head)
    assert (verified.exit_code, "entry 4: cut-off" in verified.stdout) == (1, True)
