"""A wait in one process is never longer than it was made, whatever the wall clock does."""

from datetime import UTC, datetime, timedelta

from concord_bus.domain.steady_clock import SteadyClock

START = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)


class Clocks:
    """A wall clock that somebody sets, and seconds that only go on."""

    def __init__(self) -> None:
        self.wall, self.seconds = START, 0.0

    def pass_time(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    def steady(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.seconds)


def test_a_clock_that_goes_back_prolongs_no_wait() -> None:
    clocks = Clocks()
    steady = clocks.steady()
    due = steady() + timedelta(seconds=5)
    clocks.pass_time(1)
    clocks.wall -= timedelta(hours=1)
    clocks.pass_time(3.9)
    assert steady() < due
    clocks.pass_time(0.1)
    assert steady() >= due


def test_it_follows_forward_at_once_and_agrees_with_the_wall_clock_again() -> None:
    clocks = Clocks()
    steady = clocks.steady()
    assert steady() == clocks.wall
    clocks.wall -= timedelta(seconds=10)
    clocks.pass_time(5)
    assert steady() == START + timedelta(seconds=5)
    clocks.wall += timedelta(seconds=60)
    assert steady() == clocks.wall
    clocks.pass_time(1)
    assert steady() == clocks.wall
