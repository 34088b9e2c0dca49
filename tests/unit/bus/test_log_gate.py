"""The relay begins only when the log has taken a marker; until then it asks again every 50 ms."""

import pytest

from concord_bus.log_gate import RETRY_SECONDS, MarkerOutcome, await_log

WRITTEN, RETURNED, NACKED = MarkerOutcome.WRITTEN, MarkerOutcome.RETURNED, MarkerOutcome.NACKED


def test_it_asks_until_the_log_takes_a_marker() -> None:
    answers, said, slept = iter([RETURNED, NACKED, RETURNED, WRITTEN]), list[MarkerOutcome](), list[float]()
    assert await_log(lambda: next(answers), said.append, slept.append, lambda: False)
    assert said == [RETURNED, NACKED, RETURNED]
    assert slept == [RETRY_SECONDS] * 3 == [0.05] * 3


def test_a_log_that_is_there_costs_one_marker() -> None:
    answers, nothing = iter([WRITTEN]), list[object]()
    assert await_log(lambda: next(answers), nothing.append, nothing.append, lambda: False)
    assert nothing == []


def test_a_service_that_stops_does_not_begin() -> None:
    stopping = iter([False, False, True])
    assert not await_log(lambda: RETURNED, lambda _: None, lambda _: None, lambda: next(stopping))


def test_a_lost_connection_is_for_the_caller() -> None:
    def lost() -> MarkerOutcome:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await_log(lost, lambda _: None, lambda _: None, lambda: False)
