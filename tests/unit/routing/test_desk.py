"""The assignee, the handover, the search and the counts, on the store in memory."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from routing_concerns import AT, CITY, EAST, WEST, submitted
from test_commands import Office
from test_read_concern import officer
from tests.memory.bus import MemoryBus
from tests.memory.routing import MemoryStore

from concord_access import NotAllowed, Principal, Role
from concord_access.authenticator import OPERATOR
from concord_access.domain.permissions import default_actions
from concord_routing.adapters.resident_decryption import ResidentDecryption
from concord_routing.application import hand_over_cases
from concord_routing.application.desk import Desk, end_of_day
from concord_routing.application.hand_over_cases import HandedOver, Handover, HandOverCases
from concord_routing.application.live_rules import fixed
from concord_routing.application.search_cases import SearchCases
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.text_search import matches, words_of
from concord_routing.entrypoints.event_handlers import event_handlers
from concord_routing.ports import CaseFilter

ANA, BEN = "user:ana1", "user:ben2"
NOTE = "she knows the building"


@pytest.fixture
def office():
    """Cases C1 to C5 in the west, C6 in the east, C7 of `works`."""
    made = Office()
    numbers = count(1)
    handlers = event_handlers(fixed(CITY), lambda many: [f"C{next(numbers)}" for _ in range(many)])
    made.bus = MemoryBus(MemoryStore(), handlers, now=lambda: made.now)
    for number in range(1, 6):
        made.bus.deliver(submitted(f"c{number}", WEST, address=f"{number} Peña Street"))
    made.bus.deliver(submitted("c6", EAST), submitted("c7", category="graffiti", description="Paint on the WALL"))
    return made


def supervisor(team="patrol-west"):
    role = Role.SUPERVISOR
    return Principal("user:boss", role, frozenset({team}), frozenset({"*"}), default_actions(role))


def case(office, case_id):
    return office.bus.database.store.case(case_id)


def assign(office, case_id, who=ANA, version=1, **body):
    return office.order("assign", version, {"officer": who, **body}, case_id)


def audit(office):
    records = office.bus.database.store.audit.records()
    return [(each.action, each.subject, json.loads(each.details)) for each in records]


def test_a_case_is_assigned_with_a_note_and_nobody_outside_hears_of_it(office):
    before = len(office.bus.published)
    assign(office, "C1", note=NOTE)
    assert (case(office, "C1").assignee, case(office, "C1").sequence, case(office, "C1").state) == (ANA, 2, "routed")
    assert len(office.bus.published) == before
    entry = office.bus.database.store.history("C1")[-1]
    assert (entry.command, entry.assignee, entry.note, entry.message) == ("assign", ANA, NOTE, None)
    assert audit(office)[-1][2] == {"after": "routed", "assignee": ANA, "before": "routed", "version": 2}
    shown = office.client.show("C1", OPERATOR)[1]
    assert (shown["assignee"], shown["history"][-1]["note"]) == (ANA, NOTE)
    assign(office, "C1", None, 2)
    assert case(office, "C1").assignee is None


def test_another_team_has_no_assignee(office):
    version = assign(office, "C1").version
    office.order("reassign", version, {"team": "works"}, "C1")
    assert case(office, "C1").assignee is None


@pytest.mark.parametrize("who", ["Ana Example", "ana@example.org", "user:", "operator", ""])
def test_an_assignee_is_an_id_never_a_name(office, who):
    with pytest.raises(Exception, match="officer"):
        assign(office, "C1", who)


def test_a_note_is_possible_after_the_end_too(office):
    version = office.order("resolve", raw={"reason": "done"}, case="C1").version
    version = office.order("close", version, case="C1").version
    office.order("note", version, {"note": "seen"}, "C1")
    entry = office.bus.database.store.history("C1")[-1]
    assert (entry.command, entry.note, entry.after) == ("note", "seen", "closed")


def test_mine_are_my_open_cases(office):
    for each in ("C1", "C2"):
        assign(office, each)
    office.order("resolve", 2, {"reason": "done"}, "C2")
    store = office.bus.database.store
    mine = CaseFilter(assignee=ANA)
    assert [each.case_id for _, each in store.cases(mine, 0, 9)] == ["C1", "C2"]
    assert [each.case_id for _, each in store.cases(replace(mine, is_open=True), 0, 9)] == ["C1"]


def test_who_leaves_hands_over_in_batches(office, monkeypatch):
    monkeypatch.setattr(hand_over_cases, "MAX_CASES", 2)
    for each in ("C1", "C2", "C3", "C6"):
        assign(office, each)
    hand_over = HandOverCases(fixed(CITY), office)
    order = Handover(ANA, BEN, NOTE)
    answers = [hand_over(order, supervisor()) for _ in range(3)]
    assert answers == [HandedOver(2, more=True), HandedOver(1, more=False), HandedOver(0, more=False)]
    assert [case(office, each).assignee for each in ("C1", "C2", "C3", "C6")] == [BEN, BEN, BEN, ANA]
    assert audit(office)[-2:] == [
        ("case.handed_over", ANA, {"cases": 2, "to": BEN}),
        ("case.handed_over", ANA, {"cases": 1, "to": BEN}),
    ]
    assert office.bus.database.store.history("C1")[-1].note == NOTE
    assert hand_over(Handover(BEN, None), supervisor()).cases == 2
    assert case(office, "C1").assignee is None


def test_only_a_supervisor_hands_over_and_only_to_an_id(office):
    hand_over = HandOverCases(fixed(CITY), office)
    with pytest.raises(NotAllowed):
        hand_over(Handover(ANA, BEN), officer())
    for wrong in (Handover(ANA, ANA), Handover("Ana", None), Handover(ANA, "ben@example.org")):
        with pytest.raises(InvalidCommand):
            hand_over(wrong, supervisor())


def search(office, query, who=None, breathe=lambda: None, city=CITY):
    words = ResidentDecryption(office.bus.codec._keyrings)
    return SearchCases(fixed(city), office, words, breathe)(query, who or officer())


def found(office, query, who=None, **options):
    return [each.case_id for each in search(office, query, who, **options).cases]


def test_a_case_is_found_by_its_ids(office):
    office.order("resolve", raw={"reason": "done"}, case="C1")
    assert found(office, "c-l ", officer()) == ["C1"], "as somebody heard it"
    office_wide = officer(team="*")
    assert found(office, "c-7 ", office_wide) == ["C7"]


def test_open_cases_are_found_by_words_and_place_within_the_grant(office):
    breaths = []
    assert found(office, "pena 3", breathe=lambda: breaths.append(1)) == ["C3"]
    assert breaths
    assert found(office, "TYRES school") == ["C5", "C4", "C3", "C2", "C1"]
    assert found(office, "paint wall") == []
    assert found(office, "paint wall", officer(team="works")) == ["C7"]
    office.order("resolve", raw={"reason": "done"}, case="C5")
    assert "C5" not in found(office, "tyres")


def test_a_search_is_noted_without_its_words(office):
    result = search(office, "tyres")
    assert (result.searched, result.complete) == (5, True)
    assert audit(office)[-1] == ("case.search", "cases:open", {"found": 5, "searched": 5})


def test_who_may_not_read_words_finds_none(office):
    assert found(office, "tyres", OPERATOR) == []
    sensitive = replace(CITY, categories={"noise": replace(CITY.categories["noise"], sensitive=True)})
    assert found(office, "tyres", officer(team="*"), city=sensitive) == []
    assert len(found(office, "tyres", officer(), city=sensitive)) == 5
    for wrong in ("ab", "   ", "x" * 201):
        with pytest.raises(InvalidCommand, match="text"):
            search(office, wrong)


def test_words_match_whatever_their_case_and_accents():
    assert matches(words_of("PENA street"), "1 Peña", "on the Street")
    assert not matches(words_of("pena road"), "1 Peña Street", None)


def test_the_counts_of_a_desk(office):
    for each in ("C1", "C2"):
        assign(office, each, "user:1")
    office.order("resolve", 2, {"reason": "done"}, "C2")
    desk = Desk(fixed(CITY), office, lambda: office.now)
    counts = desk.counts(officer())
    assert (counts.due, counts.mine, counts.tasks) == (0, 1, {})
    office.now = AT + timedelta(days=1)
    assert desk.counts(officer()).due == 4
    assert desk.counts(officer(team="works")).mine == 0


def test_a_day_ends_at_the_midnight_of_the_city():
    assert end_of_day(AT, CITY.zone) == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
