"""What every store of routing promises to commands: in memory, on SQLite, on PostgreSQL."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, PLACEHOLDER, WEST, said

from concord_city import Locator
from concord_routing.domain import commands
from concord_routing.domain.case_opening import open_case, task_for
from concord_routing.domain.command_execution import apply_command
from concord_routing.ports import CaseFilter, DueCursor, IdempotencyRecord

LOCATOR = Locator(CITY)
EVERYTHING = CaseFilter()
NOW = AT + timedelta(days=1, microseconds=123_456)
DAY = timedelta(days=1)
WORDS = 'it\'s "done", señora 🙂\nsecond line {,}'


def case(concern, at=WEST, **values):
    located = LOCATOR.locate_all([at])[0]
    return open_case(CITY, said(concern, at, **values), located, f"sealed {concern}", f"CASE{concern}", AT)


def keep(begin, *cases):
    with begin() as store:
        store.add_cases(cases)
        store.add_tasks([task for task in map(task_for, cases) if task])


def work(begin, case_id, *line):
    """Carry out orders, one transaction each; the case afterwards."""
    for order in line:
        with begin() as store:
            done = apply_command(store.lock(case_id), order, CITY, "operator", NOW, store.promises(case_id))
            assert store.save(done.case, done.entry)
            store.save_promises(done.promises)
    with begin() as store:
        return store.case(case_id)


def test_what_was_done_is_kept_in_order(begin):
    keep(begin, case("a"), case("b"))
    line = (
        commands.Acknowledge(),
        commands.Update(WORDS, True),
        commands.Reassign("works"),
        commands.Refer(WORDS, "The county"),
        commands.Reopen("resident"),
        commands.Decline(WORDS, "There"),
        commands.Close(),
    )
    worked = work(begin, "CASEa", *line)

    assert (worked.state, worked.team, worked.version, worked.sequence) == ("closed", "works", 8, 12)
    assert worked.respond_by == NOW + DAY
    with begin() as store:
        entries = store.history("CASEa")
        assert [each.command for each in entries] == [each.spec.name for each in line]
        assert [each.version for each in entries] == list(range(2, 9))
        assert {(each.actor, each.at) for each in entries} == {("operator", NOW)}
        assert (entries[1].message, entries[3].reason, entries[3].referred_to) == (WORDS, WORDS, "The county")
        assert (entries[2].from_team, entries[2].team) == ("patrol-west", "works")
        assert (entries[5].where_to_go, entries[6].reason) == ("There", None)
        assert store.history("CASEb") == store.history("nobody") == []
        assert store.case("CASEb") == case("b")


def test_only_the_next_version_is_kept(begin):
    keep(begin, case("a"))
    done = apply_command(case("a"), commands.Acknowledge(), CITY, "operator", NOW)
    other = apply_command(case("a"), commands.Resolve("done"), CITY, "operator", NOW)

    with begin() as store:
        assert store.save(done.case, done.entry)
        assert not store.save(other.case, other.entry)
        assert not store.save(replace(done.case, case_id="nobody", version=9), done.entry)
        assert store.lock("nobody") is None
    with begin() as store:
        assert store.lock("CASEa") == store.case("CASEa") == done.case
        assert store.history("CASEa") == [done.entry]


def test_what_is_undone_was_not_done(begin):
    keep(begin, case("a"))
    with suppress(LookupError), begin() as store:
        done = apply_command(store.lock("CASEa"), commands.Acknowledge(), CITY, "operator", NOW)
        store.save(done.case, done.entry)
        store.claim_idempotency_key(IdempotencyRecord("k", b"1", NOW), NOW - DAY)
        raise LookupError

    with begin() as store:
        assert (store.case("CASEa"), store.history("CASEa")) == (case("a"), [])
        assert store.claim_idempotency_key(IdempotencyRecord("k", b"2", NOW), NOW - DAY).fingerprint == b"2"


def test_a_key_belongs_to_its_first_claim_for_a_day(begin):
    first, second = IdempotencyRecord("k", b"1", NOW), IdempotencyRecord("k", b"2", NOW + DAY)
    with begin() as store:
        assert store.claim_idempotency_key(first, NOW - DAY) == first
        store.save_response(replace(first, version=2, answer='{"é": 1}'))
    with begin() as store:
        held = store.claim_idempotency_key(second, NOW)
        assert held == replace(first, version=2, answer='{"é": 1}')
        assert store.claim_idempotency_key(IdempotencyRecord("other", b"2", NOW), NOW).answer == ""
        assert store.claim_idempotency_key(second, NOW + timedelta(seconds=1)) == second


def test_old_keys_are_forgotten_some_at_a_time(begin):
    with begin() as store:
        for number in range(5):
            store.claim_idempotency_key(IdempotencyRecord(f"k{number}", b"1", NOW + number * DAY), NOW - DAY)
    with begin() as store:
        assert [store.delete_expired_keys(NOW + 3 * DAY, 2) for _ in range(3)] == [2, 1, 0]
        assert store.claim_idempotency_key(IdempotencyRecord("k4", b"2", NOW), NOW - DAY).fingerprint == b"1"


def test_a_task_is_done_and_waits_again(begin):
    keep(begin, case("a", PLACEHOLDER), case("b", PLACEHOLDER))
    with begin() as store:
        store.set_task("CASEa", is_open=False)
        store.set_task("nobody", is_open=True)
        assert [task.case_id for _, task in store.tasks(0, 10)] == ["CASEb"]
        assert store.counts().tasks_open == 1
        store.set_task("CASEa", is_open=True)
        assert [task.case_id for _, task in store.tasks(0, 10)] == ["CASEa", "CASEb"]


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_pages_by_promised_response(begin, size):
    """Those of the same time in the order of opening, those without a promise last."""
    hours = {"a": 5, "b": 1, "c": None, "d": 5, "e": 3, "f": None, "g": 1}
    for concern, hour in hours.items():
        place = PLACEHOLDER if hour is None else WEST
        received = AT if hour is None else AT + timedelta(hours=hour)
        keep(begin, case(concern, place, received_at=received))
    pages, after = [], None
    with begin() as store:
        while found := store.cases_by_due(EVERYTHING, after, size):
            assert len(found) <= size
            assert all(place.respond_by == each.respond_by for place, each in found)
            pages += [each.concern_id for _, each in found]
            after = found[-1][0]
        assert pages == ["b", "g", "e", "a", "d", "c", "f"]
        late = DueCursor(AT + timedelta(days=900), 0)
        assert [each.concern_id for _, each in store.cases_by_due(EVERYTHING, late, 10)] == ["c", "f"]


def test_filters_by_state_in_either_order(begin):
    keep(begin, case("a"), case("b", PLACEHOLDER), case("c", received_at=AT - DAY), case("d"))
    work(begin, "CASEa", commands.Acknowledge())
    work(begin, "CASEc", commands.Acknowledge())
    work(begin, "CASEb", commands.Reassign("works"))

    with begin() as store:
        for wanted, opened, due in (
            (CaseFilter(state="acknowledged"), ["a", "c"], ["c", "a"]),
            (CaseFilter(state="routed"), ["b", "d"], ["d", "b"]),
            (CaseFilter(state="triage"), [], []),
            (CaseFilter(status="triage"), ["b"], ["b"]),
            (CaseFilter(status="routed", state="routed"), ["d"], ["d"]),
            (CaseFilter(state="routed", team="works"), ["b"], ["b"]),
        ):
            assert [each.concern_id for _, each in store.cases(wanted, 0, 10)] == opened
            found = store.cases_by_due(wanted, None, 10)
            assert sorted(each.concern_id for _, each in found) == sorted(due)
            promised = [each.respond_by for _, each in found if each.respond_by]
            assert promised == sorted(promised)


def test_only_a_later_state_of_a_history_is_noted(begin):
    with begin() as store:
        assert [store.note_history("c1", sequence) for sequence in (5, 4, 5, 6)] == [True, False, False, True]
        assert store.note_history("c2", 4)
    with begin() as store:
        assert [store.note_history("c1", 6), store.note_history("c1", 7)] == [False, True]
