"""A case follows the city's own records: closed, reopened or with another target, in whatever order they come."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from routing_client import Client
from routing_concerns import AT, EAST, OUTSIDE, submitted
from test_commands import Office

from concord_contracts import new_event
from concord_contracts.messages import HistoryUpdated, ObjectionGiven

DAY = timedelta(days=1)
THEN = AT - 90 * DAY
"""When the city received the concern; days count from there."""


class Archive(Office):
    """An office with one imported concern, `p`."""

    def __init__(self, at=EAST, **days):
        super().__init__()
        self.client = Client(self, lambda: self.now, lambda sealed: None)
        times = {name: THEN + number * DAY for name, number in days.items()}
        imported = submitted("p", at, received_at=THEN, **times)
        self.bus.deliver(replace(imported, time=THEN, recorded=AT))
        self.opened = len(self.published)

    @property
    def published(self):
        return [each for each in self.bus.published if each.partitionkey == "p"]

    @property
    def news(self):
        """What was told after the opening: type and days."""
        return [(each.type, (each.time - THEN).days) for each in self.published[self.opened :]]

    @property
    def case(self):
        return self.bus.database.store.lock_by_concern("p")

    @property
    def promise(self):
        [promise] = self.bus.database.store.promises(self.case.case_id)
        return promise.state, (promise.due_at - THEN).days

    @property
    def open_tasks(self):
        tasks = self.bus.database.store.tasks(0, 10)
        return [task.kind for _, task in tasks if task.case_id == self.case.case_id]

    def follow(self, *records):
        self.bus.deliver(*records)

    def look(self, days):
        self.now = THEN + days * DAY
        while self.client.cases.check_deadlines():
            pass


def record(sequence, *, promised=None, closed=None, at=91):
    promised_by, closed_at = (None if days is None else THEN + days * DAY for days in (promised, closed))
    updated_at = THEN + at * DAY
    data = HistoryUpdated(concern_id="p", promised_by=promised_by, closed_at=closed_at, updated_at=updated_at)
    return new_event(data, sequence=sequence, time=updated_at)


def test_what_the_city_closed_meanwhile_is_resolved_at_its_own_time():
    archive = Archive(promised_by=10)
    archive.follow(record(4, promised=10, closed=5))
    assert archive.news == [("concern.resolved.v1", 5), ("promise.kept.v1", 5)]
    assert [each.sequence for each in archive.published] == [1, 2, 3, 4]
    assert archive.published[-1].recorded == AT
    assert (archive.case.state, archive.case.silent_at, archive.promise) == ("resolved", None, ("kept", 10))
    [entry] = archive.bus.database.store.history(archive.case.case_id)
    assert (entry.command, entry.actor, entry.at) == ("resolve", "history", THEN + 5 * DAY)
    assert not archive.words


@pytest.mark.parametrize(("closed", "state"), [(10, "kept"), (11, "missed")])
def test_a_promise_that_looked_missed_counts_by_the_recorded_times(closed, state):
    archive = Archive(promised_by=10)
    archive.look(91)
    assert (archive.promise, archive.case.promise) == (("missed", 10), "missed")
    assert "promise_missed" in archive.open_tasks
    archive.follow(record(4, promised=10, closed=closed))
    assert (archive.promise, archive.case.promise, archive.open_tasks) == ((state, 10), None, [])
    told = [each.type for each in archive.published]
    assert told.count("promise.missed.v1") == 1
    assert told.count("promise.kept.v1") == (state == "kept")


def test_what_no_rule_routed_is_closed_with_its_promise():
    archive = Archive(OUTSIDE)
    assert archive.open_tasks == ["triage"]
    archive.follow(record(4, promised=10, closed=5))
    assert archive.news == [("concern.closed.v1", 5)]
    assert (archive.case.state, archive.promise, archive.open_tasks) == ("closed", ("kept", 10), [])
    archive.follow(record(5, promised=10, closed=None, at=92))
    assert archive.news[1:] == [("concern.reopened.v1", 92)]
    assert (archive.case.state, archive.open_tasks) == ("triage", ["triage"])


def test_what_the_city_reopened_is_open_again_and_watched():
    archive = Archive(promised_by=10, closed_at=5)
    assert archive.case.state == "resolved"
    archive.follow(record(4, promised=10, at=91))
    assert archive.news == [("concern.reopened.v1", 91)]
    assert (archive.case.state, archive.case.silent_at) == ("reopened", THEN + 105 * DAY)
    assert archive.promise == ("kept", 10), "the first answer was in time"
    assert archive.published[-1].data.initiator == "officer"


def test_what_the_city_closed_again_later_was_reopened_in_between():
    archive = Archive(closed_at=5)
    archive.follow(record(4, closed=8))
    assert archive.news == [("concern.reopened.v1", 8), ("concern.resolved.v1", 8)]
    assert (archive.case.state, archive.case.silent_at) == ("resolved", None)


@pytest.mark.parametrize(
    ("closed", "target", "state", "outcome"),
    [
        (None, 20, "open", None),
        (5, 20, "kept", ("promise.kept.v1", 5)),
        (5, 4, "missed", ("promise.missed.v1", 4)),
        (15, 20, "kept", ("promise.kept.v1", 15)),
    ],
)
def test_a_target_that_moved_decides_whether_the_promise_was_kept(closed, target, state, outcome):
    archive = Archive(promised_by=10, **({} if closed is None else {"closed_at": closed}))
    archive.follow(record(4, promised=target, closed=closed))
    assert archive.news == [("promise.renegotiated.v1", 91), *([outcome] if outcome else [])]
    assert (archive.promise, archive.case.respond_by) == ((state, target), THEN + target * DAY)
    entry = archive.bus.database.store.history(archive.case.case_id)[-1]
    assert (entry.command, entry.actor, entry.due_at) == ("move_target", "history", THEN + target * DAY)
    assert archive.case.sequence == archive.published[-1].sequence


def test_a_missed_promise_with_a_later_target_is_open_until_then():
    archive = Archive(promised_by=10)
    archive.look(90)
    archive.follow(record(4, promised=95))
    assert (archive.promise, archive.case.promise) == (("open", 95), None)
    archive.look(96)
    assert (archive.promise, archive.case.promise) == (("missed", 95), "missed")


@pytest.mark.parametrize(("closed", "state"), [(None, "open"), (5, "kept")])
def test_a_target_that_comes_later_is_a_promise(closed, state):
    archive = Archive(**({} if closed is None else {"closed_at": closed}))
    archive.follow(record(4, promised=10, closed=closed))
    expected = [("promise.made.v1", 0)] if closed is None else [("promise.made.v1", 0), ("promise.kept.v1", 5)]
    assert archive.news == expected
    assert archive.published[archive.opened].data.origin == "history"
    assert archive.promise == (state, 10)


def test_a_target_of_a_case_without_a_team_changes_nothing():
    archive = Archive(OUTSIDE)
    archive.follow(record(4, promised=10))
    assert (archive.news, archive.case.version) == ([], 1)


def test_target_and_closing_at_once():
    archive = Archive(promised_by=10)
    archive.follow(record(4, promised=20, closed=15))
    assert archive.news == [("promise.renegotiated.v1", 91), ("concern.resolved.v1", 15), ("promise.kept.v1", 15)]
    assert archive.promise == ("kept", 20)


def test_nothing_new_changes_nothing():
    archive = Archive(promised_by=10, closed_at=5)
    archive.follow(record(4, promised=10, closed=5))
    assert (archive.news, archive.case.version) == ([], 2)


STATES = (record(4, promised=10, closed=5), record(5, promised=20, closed=None), record(6, promised=20, closed=9))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_latest_state_counts_in_any_order(order):
    archive = Archive(promised_by=10)
    for place in order:
        archive.follow(STATES[place])
        archive.follow(replace(STATES[place], id=f"again-{place}"))
    assert archive.case.state == "resolved"
    assert archive.bus.database.store.history(archive.case.case_id)[-1].at == THEN + 9 * DAY
    assert archive.promise == ("kept", 20)


def test_a_state_from_before_is_ignored():
    archive = Archive()
    archive.follow(record(5, closed=None))
    archive.follow(record(4, closed=5))
    assert (archive.news, archive.case.state) == ([], "routed")


def test_an_officer_s_decision_prevails():
    archive = Archive()
    archive.order("decline", 1, {"reason": "not ours", "where_to_go": "the county"}, case=archive.case.case_id)
    before = archive.news
    archive.follow(record(4, closed=5), record(5, closed=None))
    assert (archive.news, archive.case.state) == (before, "declined")


def test_an_objection_after_the_city_s_closing_prevails():
    archive = Archive(closed_at=5)
    data = ObjectionGiven(concern_id="p", resolution=2, reason="not fixed", given_at=AT)
    archive.bus.deliver(new_event(data, sequence=6, time=AT))
    assert archive.case.state == "reopened"
    archive.follow(record(7, closed=5, promised=30))
    assert archive.case.state == "reopened"
    archive.follow(record(8, closed=91, promised=30))
    assert archive.case.state == "resolved"


def test_an_update_waits_for_its_case():
    archive = Office()
    archive.bus.deliver(record(4, closed=5))
    assert len(archive.bus.waiting) == 1


def test_a_target_opens_no_promise_for_a_case_that_an_officer_ended():
    archive = Archive()
    archive.order("decline", 1, {"reason": "not ours", "where_to_go": "the county"}, case=archive.case.case_id)
    before, promises = archive.news, archive.bus.database.store.promises(archive.case.case_id)
    archive.follow(record(4, promised=100))
    assert (archive.news, archive.bus.database.store.promises(archive.case.case_id)) == (before, promises)
