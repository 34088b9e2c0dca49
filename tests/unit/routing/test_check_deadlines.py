"""Watchers, over a desk that plays what it is given."""

import eventlet
import pytest
from eventlet.greenthread import getcurrent
from greenlet import GreenletExit

from concord_bus.domain.errors import DatabaseUnavailable
from concord_routing.entrypoints.deadline_worker import BATCHES_AT_ONCE, watch


class Desk:
    """So many looks find something; those in `errors`, by their number, raise instead."""

    def __init__(self, looks=0, errors=None):
        self.looks = looks
        self.errors = errors or {}
        self.begun = []
        self.ended = 0

    def examine(self):
        self.begun.append(getcurrent())
        number = len(self.begun)
        eventlet.sleep(0)
        if number in self.errors:
            raise self.errors[number]
        self.ended += 1
        return number <= self.looks

    @property
    def watchers(self):
        return len(set(self.begun[1:]))


@pytest.fixture(autouse=True)
def in_time():
    with eventlet.Timeout(5):
        yield


def test_where_nothing_is_due_one_look_is_enough():
    desk = Desk()
    watch(desk.examine, 2)
    assert (len(desk.begun), desk.watchers) == (1, 0)


def test_where_much_is_due_all_watchers_look_until_nothing_is():
    desk = Desk(looks=7)
    watch(desk.examine, 2)
    assert (desk.ended, desk.watchers) == (7 + 2, 2)


def test_watchers_let_others_have_their_turn():
    desk = Desk(looks=1000)
    watch(desk.examine, 2)
    assert desk.ended == 1 + 2 * BATCHES_AT_ONCE


@pytest.mark.parametrize("failing", [2, 3])
def test_an_error_of_one_is_raised_when_the_other_is_done(failing, capfd):
    desk = Desk(looks=5, errors={failing: ValueError("broken")})
    with pytest.raises(ValueError, match="broken"):
        watch(desk.examine, 2)
    assert (desk.ended, len(desk.begun)) == (5, 6)
    assert "Traceback" not in capfd.readouterr().err


def test_of_two_errors_one_is_raised_and_the_other_logged(capfd):
    desk = Desk(looks=9, errors={2: ValueError("first"), 3: ValueError("what a row holds")})
    with pytest.raises(ValueError, match="first"):
        watch(desk.examine, 2)
    told = capfd.readouterr()
    assert "a second watcher failed" in told.out + told.err
    assert "what a row holds" not in told.out + told.err


@pytest.mark.parametrize("number", [1, 2])
def test_a_database_that_is_away_is_no_error(number):
    desk = Desk(looks=3, errors={number: DatabaseUnavailable()})
    watch(desk.examine, 2)
    assert desk.ended == len(desk.begun) - 1


def test_a_service_that_is_killed_ends_all_watchers():
    desk = Desk(looks=1000)
    waiting = eventlet.spawn(watch, desk.examine, 2)
    while desk.watchers < 2:
        eventlet.sleep(0)
    waiting.kill()
    with pytest.raises(GreenletExit):
        waiting.wait()
    begun = len(desk.begun)
    for _ in range(5):
        eventlet.sleep(0)
    assert len(desk.begun) == begun < 1 + 2 * BATCHES_AT_ONCE
