"""Concurrent requests share one transaction; each gets its own answer, and nobody waits for ever."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import eventlet
import pytest

from concord_bus.domain.errors import DatabaseUnavailable, ResourceUnavailable
from concord_bus.group_commit import GroupCommit


@dataclass
class Ledger:
    """Transactions on a list; `away` makes the next ones fail, `pause` is how long a commit takes in seconds."""

    committed: list[list[str]] = field(default_factory=list)
    away: bool = False
    pause: float = 0.0
    begun: int = 0

    @contextmanager
    def open(self) -> Iterator[list[str]]:
        if self.away:
            raise DatabaseUnavailable
        work: list[str] = []
        self.begun += 1
        yield work
        eventlet.sleep(self.pause)
        self.committed.append(work)


def handle(commands: Sequence[str], work: list[str]) -> Sequence[str]:
    if "bad" in commands:
        raise ValueError("bad command")
    work.extend(commands)
    return [command.upper() for command in commands]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def all_of(group: GroupCommit[str, str], commands: Sequence[str]) -> list[str | type[Exception]]:
    """Submit at the same time; each result, or the class of what was raised."""

    def submit(command: str) -> str | type[Exception]:
        try:
            return group.submit(command)
        except Exception as error:
            return type(error)

    threads = [eventlet.spawn(submit, command) for command in commands]
    with eventlet.Timeout(5):
        return [thread.wait() for thread in threads]


def test_a_single_request_is_answered_after_its_commit(ledger: Ledger) -> None:
    with eventlet.Timeout(5):
        assert GroupCommit(ledger.open, handle).submit("one") == "ONE"
    assert ledger.committed == [["one"]]


def test_requests_that_come_together_share_a_transaction(ledger: Ledger) -> None:
    group = GroupCommit(ledger.open, handle)
    assert all_of(group, ["a", "b", "c"]) == ["A", "B", "C"]
    assert ledger.committed == [["a", "b", "c"]]


def test_requests_that_come_during_a_commit_form_the_next_one(ledger: Ledger) -> None:
    ledger.pause = 0.02
    group = GroupCommit(ledger.open, handle)
    first = eventlet.spawn(group.submit, "first")
    eventlet.sleep(0.005)
    assert all_of(group, ["a", "b"]) == ["A", "B"]
    assert first.wait() == "FIRST"
    assert ledger.committed == [["first"], ["a", "b"]]


def test_a_group_is_not_larger_than_allowed(ledger: Ledger) -> None:
    group = GroupCommit(ledger.open, handle, max_size=2)
    assert all_of(group, list("abcde")) == list("ABCDE")
    assert [len(group) for group in ledger.committed] == [2, 2, 1]


def test_one_bad_command_harms_nobody_else(ledger: Ledger) -> None:
    group = GroupCommit(ledger.open, handle)
    assert all_of(group, ["a", "bad", "b"]) == ["A", ValueError, "B"]
    assert ledger.committed == [["a"], ["b"]]


def test_a_database_that_is_away_is_said_to_all_at_once(ledger: Ledger) -> None:
    ledger.away = True
    group = GroupCommit(ledger.open, handle)
    assert all_of(group, ["a", "b"]) == [DatabaseUnavailable, DatabaseUnavailable]
    ledger.away = False
    assert all_of(group, ["c"]) == ["C"]
    assert ledger.committed == [["c"]]


def test_a_handler_that_answers_too_few_commits_nothing(ledger: Ledger) -> None:
    def forgetful(commands: Sequence[str], work: list[str]) -> Sequence[str]:
        work.extend(commands)
        return []

    group = GroupCommit(ledger.open, forgetful)
    assert all_of(group, ["a", "b"]) == [ValueError, ValueError]
    assert ledger.committed == []


def test_the_first_request_is_answered_while_the_load_goes_on(ledger: Ledger) -> None:
    """Whoever happens to come first must not commit for the others until the load ends."""
    ledger.pause = 0.001
    group = GroupCommit(ledger.open, handle)
    going = True

    def load() -> None:
        while going:
            group.submit("more")

    first = eventlet.spawn(group.submit, "first")
    eventlet.sleep(0)
    crowd = [eventlet.spawn(load) for _ in range(4)]
    with eventlet.Timeout(5):
        assert first.wait() == "FIRST"
    assert sum("more" in group for group in ledger.committed) < 10
    going = False
    for thread in crowd:
        thread.wait()


def test_a_caller_that_gives_up_does_not_stop_the_others(ledger: Ledger) -> None:
    """The request of a client that hung up may be killed while its command is committed."""
    ledger.pause = 0.02
    group = GroupCommit(ledger.open, handle)
    leader = eventlet.spawn(group.submit, "first")
    while not ledger.begun:
        eventlet.sleep(0)
    other = eventlet.spawn(group.submit, "other")
    eventlet.sleep(0)
    leader.kill()
    with eventlet.Timeout(5):
        assert other.wait() == "OTHER"
    assert ledger.committed == [["first"], ["other"]]


def test_slow_down_is_not_tried_one_by_one(ledger: Ledger) -> None:
    calls: list[Sequence[str]] = []

    def full(commands: Sequence[str], work: list[str]) -> Sequence[str]:
        calls.append(commands)
        raise ResourceUnavailable("disk")

    assert all_of(GroupCommit(ledger.open, full), ["a", "b"]) == [ResourceUnavailable, ResourceUnavailable]
    assert calls == [["a", "b"]]
