"""Deadline workers, on a service that plays what it is given."""

import eventlet
import pytest
from eventlet.greenthread import getcurrent
from greenlet import GreenletExit

from concord_bus.domain.errors import DatabaseUnavailable
from concord_routing.entrypoints.deadline_worker import MAX_BATCHES, check_until_done


class Checks:
    """So many looks find something; those in `errors`, by their number, raise instead."""

    def __init__(self, looks=0, errors=None):
        self.looks = looks
        self.errors = errors or {}
        self.begun = []
        self.ended = 0

    def check_deadlines(self):
        self.begun.append(getcurrent())
        number = len(self.begun)
        eventlet.sleep(0)
        if number in self.errors:
            raise self.errors[number]
        self.ended += 1
        return number <= self.looks

    @property
    def workers(self):
        return len(set(self.begun[1:]))


@pytest.fixture(autouse=True)
def in_time():
    with eventlet.Timeout(5):
        yield


def test_where_nothing_is_due_one_look_is_enough():
    service = Checks()
    check_until_done(service.check_deadlines, 2)
    assert (len(service.begun), service.workers) == (1, 0)


def test_where_much_is_due_all_workers_look_until_nothing_is():
    service = Checks(looks=7)
    check_until_done(service.check_deadlines, 2)
    assert (service.ended, service.workers) == (7 + 2, 2)


def test_workers_let_others_have_their_turn():
    service = Checks(looks=1000)
    check_until_done(service.check_deadlines, 2)
    assert service.ended == 1 + 2 * MAX_BATCHES


@pytest.mark.parametrize("failing", [2, 3])
def test_an_error_of_one_is_raised_when_the_other_is_done(failing, capfd):
    service = Checks(looks=5, errors={failing: ValueError("broken")})
    with pytest.raises(ValueError, match="broken"):
        check_until_done(service.check_deadlines, 2)
    assert (service.ended, len(service.begun)) == (5, 6)
    assert "Traceback" not in capfd.readouterr().err


def test_of_two_errors_one_is_raised_and_the_other_logged(capfd):
    service = Checks(looks=9, errors={2: ValueError("first"), 3: ValueError("what a row holds")})
    with pytest.raises(ValueError, match="first"):
        check_until_done(service.check_deadlines, 2)
    told = capfd.readouterr()
    assert "a second deadline worker failed" in told.out + told.err
    assert "what a row holds" not in told.out + told.err


@pytest.mark.parametrize("number", [1, 2])
def test_a_database_that_is_away_is_no_error(number):
    service = Checks(looks=3, errors={number: DatabaseUnavailable()})
    check_until_done(service.check_deadlines, 2)
    assert service.ended == len(service.begun) - 1


def test_a_service_that_is_killed_ends_all_workers():
    service = Checks(looks=1000)
    waiting = eventlet.spawn(check_until_done, service.check_deadlines, 2)
    while service.workers < 2:
        eventlet.sleep(0)
    waiting.kill()
    with pytest.raises(GreenletExit):
        waiting.wait()
    begun = len(service.begun)
    for _ in range(5):
        eventlet.sleep(0)
    assert len(service.begun) == begun < 1 + 2 * MAX_BATCHES
