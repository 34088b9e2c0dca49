"""What every store of routing promises: in memory, on SQLite, on PostgreSQL."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, EAST, PLACEHOLDER, WEST, said

from concord_access import EVERYWHERE, Scope
from concord_city import Locator
from concord_routing.domain.case import Task
from concord_routing.domain.case_opening import open_case, task_for
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.looks import Look
from concord_routing.domain.resident_words import SealedContact
from concord_routing.ports import CaseFilter, Counts, DeskCounts

LOCATOR = Locator(CITY)
EVERYTHING = CaseFilter()
EXACTLY = AT + timedelta(microseconds=123_456)


def case(concern, at=WEST, **values):
    located = LOCATOR.locate_all([at])[0]
    return open_case(CITY, said(concern, at, **values), located, f"sealed {concern}", f"CASE{concern}", EXACTLY)


def keep(begin, *cases):
    with begin() as store:
        assert store.add_cases(cases) == list(cases)
        store.add_tasks([task for task in map(task_for, cases) if task])


def ids(found):
    return [each.concern_id for _, each in found]


def test_an_empty_store_has_nothing(begin):
    with begin() as store:
        assert store.add_cases([]) == []
        store.add_tasks([])
        assert store.cases(EVERYTHING, 0, 10) == store.tasks(0, 10) == []
        assert store.case("CASEa") is None
        assert store.counts() == Counts({}, 0)
        assert (store.counts().cases, store.counts().routed, store.counts().unroutable) == (0, 0, 0)


def test_cases_come_back_as_they_were_kept(begin):
    routed, unroutable = case("a"), case("b", PLACEHOLDER, category="unicorns")
    keep(begin, replace(routed, border=True), unroutable)

    with begin() as store:
        assert [each for _, each in store.cases(EVERYTHING, 0, 10)] == [replace(routed, border=True), unroutable]
        assert store.case("CASEb") == unroutable
        assert store.case("caseb") is store.case("") is None
        assert [task for _, task in store.tasks(0, 10)] == [task_for(unroutable)]


def test_a_concern_keeps_its_first_case(begin):
    quoted = 'it\'s "b" {,}'
    keep(begin, case("a"), case(quoted))
    again = [replace(case(each, PLACEHOLDER), case_id=f"AGAIN{each}") for each in (quoted, "c", "a")]

    with begin() as store:
        assert store.add_cases(again) == [again[1]]
        assert store.add_cases([replace(each, case_id=f"{each.case_id} 3") for each in again]) == []

    with begin() as store:
        kept = {each.concern_id: each.case_id for _, each in store.cases(EVERYTHING, 0, 10)}
        assert kept == {"a": "CASEa", quoted: f"CASE{quoted}", "c": "AGAINc"}
        assert store.counts().by_outcome == {"routed": 2, "placeholder": 1}


def test_a_large_batch(begin):
    keep(begin, case("c1500"))
    many = [replace(case(f"c{number}"), case_id=f"MANY{number}") for number in range(3000)]

    with begin() as store:
        assert [each.concern_id for each in store.add_cases(many)] == [f"c{n}" for n in range(3000) if n != 1500]
        assert store.counts().cases == 3000


def test_counts_grow_with_each_transaction(begin):
    keep(begin, case("a"), case("b", PLACEHOLDER), case("c"))
    keep(begin, case("d", PLACEHOLDER), case("e", None), case("f"))

    with begin() as store:
        counts = store.counts()
        assert counts == Counts({"routed": 3, "placeholder": 2, "no_location": 1}, 3)
        assert (counts.cases, counts.routed, counts.unroutable) == (6, 3, 3)


def test_what_is_undone_is_not_counted(begin):
    keep(begin, case("a"))
    with suppress(LookupError), begin() as store:
        store.add_cases([case("b", PLACEHOLDER)])
        store.add_tasks([task_for(case("b", PLACEHOLDER))])
        raise LookupError

    with begin() as store:
        assert store.cases(CaseFilter(concern_id="b"), 0, 10) == store.tasks(0, 10) == []
        assert store.counts() == Counts({"routed": 1}, 0)


def test_pages_follow_one_another_in_the_order_of_opening(begin):
    names = [f"c{number}" for number in range(7)]
    keep(begin, *(case(each) for each in names[:4]))
    keep(begin, *(case(each) for each in names[4:]))

    with begin() as store:
        pages, after = [], 0
        for _ in range(4):
            found = store.cases(EVERYTHING, after, 3)
            pages.append(ids(found))
            after = found[-1][0] if found else after
        assert pages == [names[:3], names[3:6], names[6:], []]
        places = [place for place, _ in store.cases(EVERYTHING, 0, 10)]
        assert places == sorted(set(places))
        assert min(places) > 0
        assert store.cases(EVERYTHING, 2**53, 10) == []


def test_tasks_are_paged_too(begin):
    keep(begin, *(case(f"c{number}", None) for number in range(5)))

    with begin() as store:
        first = store.tasks(0, 2)
        rest = store.tasks(first[-1][0], 10)
        assert [task.case_id for _, task in first + rest] == [f"CASEc{number}" for number in range(5)]
        assert store.tasks(rest[-1][0], 10) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CaseFilter(area="west"), ["a", "b"]),
        (CaseFilter(area="east"), ["c"]),
        (CaseFilter(team="works"), ["b"]),
        (CaseFilter(status="triage"), ["d"]),
        (CaseFilter(status="routed", category="noise"), ["a", "c"]),
        (CaseFilter(reason="placeholder"), ["d"]),
        (CaseFilter(concern_id="c"), ["c"]),
        (CaseFilter(area="west", team="patrol-east"), []),
        (CaseFilter(area=""), []),
    ],
)
def test_filters(begin, wanted, found):
    keep(begin, case("a"), case("b", category="graffiti"), case("c", (-70.99, 42.01)), case("d", PLACEHOLDER))

    with begin() as store:
        assert ids(store.cases(wanted, 0, 10)) == found
        assert ids(store.cases(wanted, 0, 1)) == found[:1]


@pytest.mark.parametrize(
    ("scope", "cases", "tasks"),
    [
        (EVERYWHERE, ["a", "b", "c", "d"], ["CASEc", "CASEd"]),
        (Scope(frozenset({"patrol-west"}), None), ["a"], []),
        (Scope(frozenset({"patrol-west", "works"}), None), ["a", "b"], []),
        (Scope(frozenset({"patrol-west", "works"}), frozenset({"east"})), ["b"], []),
        (Scope(None, frozenset({"west"})), ["a", "c"], ["CASEc"]),
        (Scope(None, frozenset({"west", "east"})), ["a", "b", "c"], ["CASEc"]),
        (Scope(frozenset(), None), [], []),
        (Scope(None, frozenset()), [], []),
    ],
)
def test_lists_hold_what_a_scope_covers(begin, scope, cases, tasks):
    keep(
        begin,
        case("a"),
        case("b", EAST, category="graffiti"),
        case("c", category="snow"),
        case("d", PLACEHOLDER),
    )
    with begin() as store:
        wanted = CaseFilter(within=scope)
        assert ids(store.cases(wanted, 0, 10)) == cases
        assert sorted(ids(store.cases_by_due(wanted, None, 10))) == cases
        assert [each.case_id for _, each in store.tasks(0, 10, scope)] == tasks


def test_the_newest_contact_of_a_concern_is_kept(begin):
    for contacts in (
        [SealedContact("b", 2, "b2"), SealedContact("a", 5, "a5")],
        [SealedContact("a", 4, "a4"), SealedContact("b", 3, "b3")],
        [SealedContact("a", 5, "again")],
        [],
    ):
        with begin() as store:
            store.save_contacts(contacts)
    with begin() as store:
        assert [store.contact(each) for each in ("a", "b", "c")] == ["a5", "b3", None]


def test_the_last_look_of_each_person_at_each_thing(begin):
    later = AT + timedelta(minutes=5)
    with begin() as store:
        for look in (
            Look("A", "user:1", "concern", AT),
            Look("A", "user:1", "concern", later),
            Look("A", "user:1", "contact", AT),
            Look("B", "user:1", "concern", AT),
        ):
            store.note_look(look)
    with begin() as store:
        assert store.last_look("A", "user:1", "concern") == later
        assert store.last_look("A", "user:1", "contact") == AT
        assert store.last_look("A", "user:2", "concern") is None
        assert store.delete_looks(AT, 10) == 0
        assert (store.delete_looks(later, 1), store.delete_looks(later, 5), store.delete_looks(later, 5)) == (1, 1, 0)
        assert store.last_look("A", "user:1", "concern") == later


def test_open_questions_are_found_by_their_time_and_told_of_once(begin):
    keep(begin, *(case(each) for each in "abc"))
    with begin() as store:
        for number, each in enumerate("abc"):
            before = store.lock(f"CASE{each}")
            asked = AT + timedelta(days=number) if number else None
            after = replace(before, version=2, state="waiting_for_resident", asked_at=asked)
            assert store.save(after, HistoryEntry(after.case_id, 2, AT, "user:1", "update", "routed", after.state))
    with begin() as store:
        assert store.unanswered_cases(AT + timedelta(days=1), 10) == []
        assert [each.case_id for each in store.unanswered_cases(AT + timedelta(days=3), 1)] == ["CASEb"]
        found = store.unanswered_cases(AT + timedelta(days=3), 10)
        assert [(each.case_id, each.asked_at, each.sequence) for each in found] == [
            ("CASEb", AT + timedelta(days=1), 2),
            ("CASEc", AT + timedelta(days=2), 2),
        ]
        store.clear_question_timers([("CASEb", 3)])
    with begin() as store:
        assert [each.case_id for each in store.unanswered_cases(AT + timedelta(days=3), 10)] == ["CASEc"]
        assert (store.case("CASEb").sequence, store.case("CASEb").asked_at) == (3, None)


def test_an_answer_comes_back_from_the_history(begin):
    keep(begin, case("a"))
    entry = HistoryEntry("CASEa", 2, AT, "resident", "answer", "routed", "routed", answer="sealed answer")
    with begin() as store:
        assert store.save(replace(store.lock("CASEa"), version=2), entry)
    with begin() as store:
        assert store.history("CASEa") == [entry]


def test_an_assignee_and_a_note_come_back(begin):
    keep(begin, case("a"), case("b"))
    entry = HistoryEntry("CASEa", 2, AT, "user:1", "assign", "routed", "routed", assignee="user:2", note="yours")
    with begin() as store:
        assert store.save(replace(store.lock("CASEa"), version=2, assignee="user:2"), entry)
    with begin() as store:
        assert store.history("CASEa") == [entry]
        assert store.case("CASEa").assignee == "user:2"
        assert ids(store.cases(CaseFilter(assignee="user:2"), 0, 10)) == ["a"]
        assert ids(store.cases_by_due(CaseFilter(assignee="user:2", is_open=True), None, 10)) == ["a"]


def test_open_cases_and_the_counts_of_a_desk(begin):
    keep(begin, case("a"), case("b", category="graffiti"), case("c"), case("d", PLACEHOLDER))
    entry = HistoryEntry("CASEa", 2, AT, "user:1", "close", "routed", "closed")
    mine = HistoryEntry("CASEc", 2, AT, "user:1", "assign", "routed", "routed", assignee="user:1")
    with begin() as store:
        assert store.save(replace(store.lock("CASEa"), version=2, state="closed"), entry)
        assert store.save(replace(store.lock("CASEc"), version=2, assignee="user:1"), mine)
        store.add_tasks([Task("CASEc", "addition", AT, kind="answered")])
    ours = Scope(frozenset({"patrol-west"}), None)
    later, nowhere = AT + timedelta(days=9), Scope(frozenset(), frozenset())
    with begin() as store:
        assert ids(store.cases(CaseFilter(is_open=True), 0, 10)) == ["b", "c", "d"]
        newest = store.newest_open_cases(EVERYWHERE, 2)
        assert ids(newest) == ["d", "c"]
        assert ids(store.newest_open_cases(EVERYWHERE, 2, newest[-1][0])) == ["b"]
        assert ids(store.newest_open_cases(ours, 5)) == ["c"]
        assert store.desk_counts("user:1", AT, ours, ours) == DeskCounts(0, 1, {"answered": 1})
        assert store.desk_counts("user:2", later, EVERYWHERE, EVERYWHERE) == DeskCounts(
            2, 0, {"answered": 1, "triage": 1}
        )
        assert store.desk_counts("user:1", later, nowhere, nowhere) == DeskCounts(0, 0, {})
        assert [task.case_id for _, task in store.tasks(0, 10, kind="answered")] == ["CASEc"]
