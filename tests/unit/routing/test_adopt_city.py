"""A changed city on the store in memory: it is audited once, and all cases of gone teams and areas move on."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from routing_concerns import AT, CITY, EAST, HOUR, OUTSIDE, WEST, submitted
from tests.memory.bus import MemoryBus, MemoryDatabase
from tests.memory.routing import MemoryStore

from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.unit_of_work import OpenWork
from concord_city.adapters.folder_watch import LiveCity
from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_routing.adapters.submission_decryption import submission_reader
from concord_routing.application import adopt_city
from concord_routing.application.adopt_city import AdoptCity
from concord_routing.application.execute_command import save_result
from concord_routing.application.live_rules import fixed
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.commands import Reassign, Resolve
from concord_routing.entrypoints.city_worker import AGAIN_LOOKS, CityWorker
from concord_routing.entrypoints.event_handlers import event_handlers
from concord_routing.ports import CaseFilter

MERGED = replace(
    CITY,
    areas={"all": replace(CITY.areas["west"], code="all")},
    teams={code: team for code, team in CITY.teams.items() if code == "works"}
    | {"patrol-all": replace(CITY.teams["patrol-west"], code="patrol-all")},
)
"""The west is called `all`; the east and both patrols are gone."""


class Routing:
    """Cases w1 and w2 in the west, e in the east, g with `works`, t in triage."""

    def __init__(self):
        self.keyrings = Keyrings.from_env({variable(recipient): new_key() for recipient in RECIPIENTS})
        codec = Codec(self.keyrings)
        self.bus = MemoryBus(MemoryStore(), event_handlers(fixed(CITY)), now=lambda: AT, codec=codec)
        self.bus.deliver(
            submitted("w1"),
            submitted("w2", occurred_at=AT - HOUR),
            submitted("e", EAST),
            submitted("g", category="graffiti"),
            submitted("t", OUTSIDE),
        )
        self.adopt = AdoptCity(self, submission_reader(self.keyrings))

    @property
    def store(self):
        return self.bus.database.store

    @contextmanager
    def work(self):
        with self.bus.database.begin() as (tx, store):
            work = OpenWork(store, AT, self.bus.codec)
            yield work
            tx.enqueue(work.outgoing)

    def become(self, city, digest="d2"):
        rounds = 0
        while self.adopt(fixed(city)(), digest):
            rounds += 1
        return rounds

    def case(self, concern):
        return self.store.lock_by_concern(concern)

    def holders(self):
        return {case.concern_id: (case.area, case.team) for _, case in self.store.cases(CaseFilter(), 0, 10)}

    def execute(self, concern, command, city=CITY):
        with self.work() as work:
            case = self.case(concern)
            result = apply_command(case, command, city, "officer:1", AT, work.store.promises(case.case_id))
            assert save_result(case, result, command, work)

    def choose_tasks(self):
        return {(task.case_id, task.reason) for _, task in self.store.tasks(0, 10) if task.kind == "triage"}

    def changes(self):
        return [record for record in self.store.audit.records() if record.action == "city.changed"]


@pytest.fixture
def routing():
    return Routing()


def test_all_open_cases_of_gone_teams_and_areas_move_on(routing):
    before = len(routing.bus.published)
    assert routing.become(CITY, "d1") == 0
    assert routing.become(MERGED) == 1
    assert routing.holders() == {
        "w1": ("all", "patrol-all"),
        "w2": ("all", "patrol-all"),
        "e": ("east", "patrol-east"),
        "g": ("all", "works"),
        "t": (None, None),
    }
    events = routing.bus.published[before:]
    assert [(event.type, event.data.concern_id, event.data.team, event.data.from_team) for event in events] == [
        ("concern.reassigned.v1", "w1", "patrol-all", "patrol-west"),
        ("concern.reassigned.v1", "w2", "patrol-all", "patrol-west"),
    ]
    assert (routing.case("e").case_id, "outside") in routing.choose_tasks()


def test_a_person_who_chooses_a_team_ends_the_task(routing):
    routing.become(MERGED)
    case_id = routing.case("e").case_id
    assert (case_id, "outside") in routing.choose_tasks()
    routing.execute("e", Reassign("works"), MERGED)
    assert (case_id, "outside") not in routing.choose_tasks()
    assert routing.become(MERGED) == 1
    assert routing.holders()["e"] == (None, "works")


def test_a_case_that_ends_without_a_team_ends_the_task(routing):
    routing.become(MERGED)
    routing.execute("e", Resolve("Painted over."), MERGED)
    assert {task for task in routing.choose_tasks() if task[0] == routing.case("e").case_id} == set()


def test_ended_cases_stay_as_they_are(routing):
    routing.execute("w1", Resolve("Painted over."))
    routing.become(MERGED)
    assert routing.holders()["w1"] == ("west", "patrol-west")


def test_the_change_is_audited_once_with_its_counts(routing):
    routing.become(CITY, "d1")
    assert routing.changes() == []
    for _ in range(2):
        routing.become(MERGED)
    [entry] = routing.changes()
    assert (entry.actor, entry.subject) == ("routing", "city:d2")
    assert '"cases_to_hand_over":4' in entry.details
    assert '"from":"d1"' in entry.details
    routing.become(CITY, "d1")
    assert len(routing.changes()) == 2


def test_many_cases_take_many_transactions(routing, monkeypatch):
    monkeypatch.setattr(adopt_city, "MAX_CASES", 1)
    assert routing.become(MERGED) == 4
    assert routing.holders()["w2"] == ("all", "patrol-all")


def test_after_a_crash_in_a_batch_the_next_run_does_all_of_it_once(routing):
    def crash(case):
        if case.concern_id == "e":
            raise ZeroDivisionError
        return read(case)

    read = submission_reader(routing.keyrings)
    before, holders = len(routing.bus.published), routing.holders()
    with pytest.raises(ZeroDivisionError):
        AdoptCity(routing, crash)(fixed(MERGED)(), "d2")
    assert (len(routing.bus.published), routing.holders()) == (before, holders)
    routing.become(MERGED)
    assert [event.data.concern_id for event in routing.bus.published[before:]] == ["w1", "w2"]
    assert [entry.command for entry in routing.store.history(routing.case("w1").case_id)] == ["hand_over"]


def test_a_case_that_no_key_decrypts_keeps_a_team_that_exists(routing):
    routing.adopt = AdoptCity(routing, lambda case: None)
    routing.become(MERGED)
    assert routing.holders()["g"] == (None, "works")
    assert (routing.case("w1").case_id, "no_location") in routing.choose_tasks()


def test_a_case_that_no_key_decrypts_follows_the_rules_of_its_area_if_that_exists(routing):
    routing.adopt = AdoptCity(routing, lambda case: None)
    teams = {code: team for code, team in CITY.teams.items() if code != "patrol-west"}
    rules = tuple(replace(rule, team=rule.team.replace("patrol-{area}", "works")) for rule in CITY.rules)
    routing.become(replace(CITY, teams=teams, rules=rules))
    assert routing.holders()["w1"] == ("west", "works")


def test_the_submission_has_place_and_time(routing):
    read = submission_reader(routing.keyrings)
    concern = read(routing.case("w2"))
    assert (concern.point, concern.occurred_at, concern.received_at) == (WEST, AT - HOUR, AT)
    assert read(routing.case("w1")).occurred_at is None
    assert read(replace(routing.case("w1"), submission="gAAA")) is None


class Folder:
    """A watch whose folder changes when it is told to."""

    def __init__(self, live):
        self.live, self.next, self.warning = live, None, None

    def look(self):
        if self.next is None:
            return False
        self.live, self.next = self.next, None
        return True


def test_the_worker_adopts_each_city_until_nothing_is_left(routing, capfd):
    asked = []

    def adopt(rules, digest):
        asked.append(digest)
        return asked.count(digest) < 3

    folder = Folder(LiveCity(fixed(CITY)(), "d1"))
    worker = CityWorker(folder, adopt)
    worker()
    worker()
    assert asked == ["d1"] * 3
    folder.next = LiveCity(fixed(MERGED)(), "d2")
    worker()
    assert asked == ["d1"] * 3 + ["d2"] * 3


def test_the_worker_tries_again_after_an_error():
    asked = []

    def adopt(rules, digest):
        asked.append(digest)
        if len(asked) == 1:
            raise DatabaseUnavailable
        return False

    worker = CityWorker(Folder(LiveCity(fixed(CITY)(), "d1")), adopt)
    with pytest.raises(DatabaseUnavailable):
        worker()
    worker()
    worker()
    assert asked == ["d1", "d1"]


def test_the_memory_store_remembers_the_live_city():
    with MemoryDatabase(MemoryStore()).begin() as (_, store):
        assert [store.set_live_city(digest, AT) for digest in ("a", "a", "b", "b")] == [None, "a", "a", "b"]


def test_cases_that_reopen_later_with_a_team_that_is_gone_are_found_again():
    asked = []
    worker = CityWorker(Folder(LiveCity(fixed(CITY)(), "d1")), lambda rules, digest: bool(asked.append(digest)))
    for _ in range(2 * AGAIN_LOOKS):
        worker()
    assert asked == ["d1"] * 3


def test_the_change_is_audited_after_the_cases_are_locked():
    """As in every command: whoever holds the lock of the audit waits for no case."""
    order = []

    class Store(MemoryStore):
        def stranded_cases(self, *args):
            order.append("cases")
            return super().stranded_cases(*args)

    store = Store()
    audit = store.audit
    append = audit.append
    audit.append = lambda entry: (order.append("audit"), append(entry))

    class Works:
        @contextmanager
        def work(self):
            with MemoryDatabase(store).begin() as (_, opened):
                yield OpenWork(opened, AT, Codec(Keyrings({})))

    adopt = AdoptCity(Works(), lambda case: None)
    adopt(fixed(CITY)(), "d1")
    adopt(fixed(MERGED)(), "d2")
    assert (order[-1], order.count("audit")) == ("audit", 1)
