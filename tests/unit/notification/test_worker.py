"""The sending loop goes on whatever happens, wakes at once and stops in time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest

from concord_bus.domain.errors import DatabaseUnavailable
from concord_notification.notices.entrypoints.worker import NoticeWorker


class FakeDispatch:
    """Sends what is in `ready`; raises what is in `troubles` first."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.ready = 0
        self.sent = threading.Semaphore(0)
        self.recovered = 0
        self.during: Callable[[], None] = lambda: None

    def recover(self) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.recovered += 1

    def pause(self, longest: float) -> float:
        return 0.0 if self.ready else 60.0

    def run_once(self) -> int:
        self.ready -= 1
        self.during()
        self.sent.release()
        return 1

    def stop(self) -> None:
        self.stopped = True


class FakeMailer:
    def __init__(self) -> None:
        self.aborted = threading.Event()
        self.closed = False

    def abort(self) -> None:
        self.aborted.set()

    def close(self) -> None:
        self.closed = True


@contextmanager
def running(dispatch: Any, mailer: FakeMailer) -> Iterator[NoticeWorker]:
    loop = NoticeWorker(dispatch, mailer)
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    yield loop
    loop.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert mailer.closed


def test_a_wake_is_not_lost_and_not_waited_for() -> None:
    dispatch = FakeDispatch()
    with running(dispatch, FakeMailer()) as loop:
        for _ in range(50):
            dispatch.ready += 1
            loop.wake()
            assert dispatch.sent.acquire(timeout=5)
    assert dispatch.recovered == 1


def test_trouble_is_survived_and_recovery_made_good() -> None:
    dispatch = FakeDispatch(DatabaseUnavailable(), RuntimeError())
    dispatch.ready = 1
    with running(dispatch, FakeMailer()):
        assert dispatch.sent.acquire(timeout=10)
    assert dispatch.recovered == 1


def test_stopping_breaks_off_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoticeWorker, "finish_seconds", 0.05)
    dispatch, mailer, begun = FakeDispatch(), FakeMailer(), threading.Event()

    def hang() -> None:
        begun.set()
        mailer.aborted.wait(10)

    dispatch.ready, dispatch.during = 1, hang
    with running(dispatch, mailer) as loop:
        begun.wait(10)
        before = monotonic()
        loop.stop()
        assert mailer.aborted.is_set()
        assert monotonic() - before < 5
