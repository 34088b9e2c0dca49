"""What every store of routing promises to timers: in memory, on SQLite, on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from routing_concerns import AT, CITY, HOUR, PLACEHOLDER, WEST, said

from concord_city import Locator
from concord_routing.domain.case import MISSED_TASK, SILENT_TASK, Task
from concord_routing.domain.case_opening import open_case, task_for
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.promise import after_command, first_promises
from concord_routing.ports import CaseFilter, PromiseStatus

LOCATOR = Locator(CITY)
LATER = AT + 3 * HOUR
DAY = timedelta(days=1)


def keep(begin, *concerns, at=WEST):
    """Cases that are open, with their promises."""
    located = LOCATOR.locate_all([at])[0]
    cases = [open_case(CITY, said(each, at), located, "sealed", f"CASE{each}", AT) for each in concerns]
    with begin() as store:
        store.add_cases(cases)
        store.save_promises([each for case in cases for each in first_promises(case, CITY)])
        store.add_tasks([task for task in map(task_for, cases) if task])
    return cases


def test_promises_are_kept_and_changed(begin):
    case, _ = keep(begin, "a", "b")
    acknowledgement, response = first_promises(case, CITY)
    done = after_command(acknowledgement, ("acknowledgement",), AT + HOUR / 2)
    third = replace(response, number=3, kind="agreed", origin="officer")

    with begin() as store:
        store.save_promises([third, done])
        assert store.lock_by_concern("a") == store.case("CASEa")
        assert store.lock_by_concern("nobody") is None
    with begin() as store:
        assert store.promises("CASEa") == [done, response, third]
        assert store.promises("nobody") == []


def test_what_is_due_comes_in_order_and_with_its_case(begin):
    keep(begin, "a", "b")
    with begin() as store:
        assert store.due_promises(AT + HOUR / 2, 10) == []
        first, second = store.due_promises(LATER, 10)
        assert len(store.due_promises(LATER, 1)) == 1
        assert {first.case_id, second.case_id} == {"CASEa", "CASEb"}
        case, promise = store.case(first.case_id), store.promises(first.case_id)[0]
        assert (first.place, case) in store.cases(CaseFilter(), 0, 10)
        for name in ("case_id", "concern_id", "category", "area", "team", "channel", "sequence", "promise"):
            assert getattr(first, name) == getattr(case, name)
        for name in ("promise_id", "number", "kind", "due_at", "at_risk_at"):
            assert getattr(first, name) == getattr(promise, name)


def test_all_that_is_due_of_a_case_comes_together(begin):
    keep(begin, "a", "b")
    with begin() as store:
        due = store.due_promises(AT + 30 * DAY, 1)
        assert len({each.case_id for each in due}) == 1
        assert [each.kind for each in due] == ["acknowledgement", "response"]
        assert len(store.due_promises(AT + 30 * DAY, 3)) == 4


def test_what_was_seen_is_not_due_again(begin):
    keep(begin, "a", "b", "c")
    with begin() as store:
        store.set_promise_states("missed", [("CASEa", 1)])
        store.set_promise_states("at_risk", [("CASEb", 1), ("CASEc", 1)])
        store.set_promise_states("missed", [])
        store.save_promise_statuses([PromiseStatus(1, "missed", 9)])
        store.save_promise_statuses([])
    with begin() as store:
        assert [store.promises(f"CASE{each}")[0].state for each in "abc"] == ["missed", "open", "open"]
        assert [store.promises(f"CASE{each}")[0].at_risk for each in "abc"] == [False, True, True]
        assert {each.case_id for each in store.due_promises(LATER, 10)} == {"CASEb", "CASEc"}
        assert store.due_promises(AT + HOUR, 10) == []
        case = store.case("CASEa")
        assert (case.sequence, case.promise, case.version, case.silent_at) == (9, "missed", 1, AT + 14 * DAY)
        assert [each.case_id for _, each in store.cases(CaseFilter(promise="missed"), 0, 10)] == ["CASEa"]
        assert store.cases(CaseFilter(promise="at_risk"), 0, 10) == []


def test_the_last_to_tell_of_a_case_sets_its_sequence(begin):
    """A timer, a silence and a command by turns; a command also ends what was missed."""
    keep(begin, "a")
    with begin() as store:
        store.save_promise_statuses([PromiseStatus(1, "at_risk", 3)])
        store.clear_silence_timers([("CASEa", 4)])
        assert (store.case("CASEa").sequence, store.case("CASEa").promise) == (4, "at_risk")
        assert [(each.sequence, each.promise) for each in store.due_promises(LATER, 10)] == [(4, "at_risk")]
        store.save_promise_statuses([PromiseStatus(1, "missed", 5)])
    for promise, sequence in ((None, 6), ("missed", 7), ("at_risk", 8), (None, 9)):
        with begin() as store:
            case = store.lock("CASEa")
            changed = replace(case, sequence=sequence, promise=promise, version=case.version + 1)
            entry = HistoryEntry("CASEa", changed.version, LATER, "operator", "update", case.state, case.state)
            assert case.sequence == sequence - 1
            assert store.save(changed, entry)
            assert not store.save(changed, entry)
        with begin() as store:
            assert store.case("CASEa") == store.lock_by_concern("a") == changed
            assert [each for _, each in store.cases(CaseFilter(promise=promise), 0, 10)] == [changed]
            assert [each for _, each in store.cases_by_due(CaseFilter(promise=promise), None, 10)] == [changed]


def test_a_silence_is_noticed_once(begin):
    keep(begin, "a")
    keep(begin, "b", at=PLACEHOLDER)
    with begin() as store:
        assert store.silent_cases(AT + 14 * DAY, 10) == []
        silent = store.silent_cases(AT + 15 * DAY, 10)
        assert sorted((each.concern_id, each.team, each.last_word_at) for each in silent) == [
            ("a", "patrol-west", AT),
            ("b", None, AT),
        ]
        store.clear_silence_timers([(each.case_id, each.sequence + 1) for each in silent])
    with begin() as store:
        assert store.silent_cases(AT + 99 * DAY, 10) == []
        assert [store.case(f"CASE{each}").sequence for each in "ab"] == [3, 2]


def test_a_case_has_a_task_of_each_kind_once(begin):
    keep(begin, "a")
    keep(begin, "b", at=PLACEHOLDER)
    with begin() as store:
        store.add_tasks(
            [Task("CASEa", "acknowledgement", AT, kind=MISSED_TASK), Task("CASEb", "x", AT, kind=SILENT_TASK)]
        )
        store.set_task("CASEa", MISSED_TASK, is_open=False)
        assert (store.counts().tasks_open, store.counts().missed_open, store.counts().silent_open) == (1, 0, 1)
        store.add_tasks([Task("CASEa", "response", LATER, kind=MISSED_TASK)])
        store.set_task("CASEb", MISSED_TASK, is_open=True)
    with begin() as store:
        found = {(each.case_id, each.kind): each for _, each in store.tasks(0, 10)}
        assert set(found) == {("CASEa", MISSED_TASK), ("CASEb", "triage"), ("CASEb", SILENT_TASK)}
        assert found["CASEa", MISSED_TASK] == Task("CASEa", "response", LATER, kind=MISSED_TASK, team="patrol-west")
        assert found["CASEb", "triage"].team is None
        assert (store.counts().tasks_open, store.counts().missed_open, store.counts().silent_open) == (1, 1, 1)
