"""A supervisor restarts its process when it ends, prints so, and gives up one that can never run."""

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic

from concord_bus.backoff import Backoff
from concord_cli.up.supervisor import Supervisor
from concord_nodes.errors import NodeError
from concord_nodes.tcp_ports import until


class FakeProcess:
    """Runs until told otherwise; `fails` says how many starts fail first."""

    name = "part"
    pid = 1

    def __init__(self, fails: int = 0, exit_code: int | None = 137, ends_at_once: bool = False) -> None:
        self.starts = 0
        self.exit_code = exit_code
        self._fails = fails
        self._ends_at_once = ends_at_once
        self._running = threading.Event()

    def start(self) -> None:
        self.starts += 1
        if self.starts <= self._fails:
            raise NodeError("The port is taken.", "Choose another.")
        if not self._ends_at_once:
            self._running.set()

    @property
    def alive(self) -> bool:
        return self._running.is_set()

    def end_text(self) -> str:
        return "was ended by SIGKILL"

    def last_log_line(self) -> str:
        return "Error: set CONCORD_CITY"

    def stop(self, seconds: float) -> None:
        self._running.clear()

    def kill(self) -> None:
        self._running.clear()


def supervisor(part: FakeProcess, said: list[str], started: Callable[[], None] = lambda: None) -> Supervisor:
    return Supervisor(part, said.append, started=started, backoff=Backoff(first=0.01, longest=0.01))


def test_a_part_that_ends_is_started_again_and_said() -> None:
    part, said, ups = FakeProcess(), list[str](), list[int]()
    kept = supervisor(part, said, lambda: ups.append(1))
    kept.start()

    def runs(lives: int) -> bool:
        return part.starts == lives and kept.running.is_set()

    for lives in (1, 2, 3):
        assert until(partial(runs, lives), 5)
        part.kill()
    assert until(lambda: part.starts == 4 and kept.running.is_set(), 5)
    kept.stop(5)
    assert (kept.restarts, len(ups), part.starts, part.alive) == (3, 4, 4, False)
    assert said[0] == "part was ended by SIGKILL; restarting it in 0.0 s"
    assert said[1] == "part runs again"
    assert kept.failure is None


def test_a_stopped_part_stays_down() -> None:
    part, said = FakeProcess(), list[str]()
    kept = supervisor(part, said)
    kept.start()
    assert kept.running.wait(5)
    begun = monotonic()
    kept.stop(5)
    assert monotonic() - begun < 2
    assert (part.starts, part.alive, said) == (1, False, [])


def test_a_first_start_that_fails_is_a_failure() -> None:
    part, said = FakeProcess(fails=9), list[str]()
    kept = supervisor(part, said)
    kept.start()
    assert until(lambda: kept.failure is not None, 5)
    assert kept.failure == "The port is taken. Choose another."
    assert part.starts == 1


def test_a_later_start_that_fails_is_tried_again() -> None:
    part, said = FakeProcess(), list[str]()
    kept = supervisor(part, said)
    kept.start()
    assert kept.running.wait(5)
    part._fails = 3
    part.kill()
    assert until(lambda: part.starts == 4 and kept.running.is_set(), 5)
    kept.stop(5)
    assert said[1] == "part failed to start: The port is taken. Choose another.; restarting it in 0.0 s"
    assert kept.failure is None


def test_wrong_settings_are_a_failure_with_the_parts_own_words() -> None:
    kept = supervisor(FakeProcess(exit_code=2, ends_at_once=True), [])
    kept.start()
    assert until(lambda: kept.failure is not None, 5)
    assert kept.failure == "part cannot run: Error: set CONCORD_CITY"


def test_what_cannot_be_set_up_after_the_start_counts_as_not_started() -> None:
    def refuses() -> None:
        raise NodeError("the topology could not be applied.", "See the log.")

    part = FakeProcess()
    kept = supervisor(part, [], refuses)
    kept.start()
    assert until(lambda: kept.failure is not None, 5)
    assert not part.alive
