"""Has the broker bring what endpoints are granted, and nothing else.

Several processes may do so. Each says the whole of it, from a list that it read while it alone had the turn: so what
one has bound for a new endpoint no other unbinds from an older list.
"""

import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from time import monotonic
from typing import Any

import structlog

from concord_bus.backoff import Backoff
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.health import ConnectionState
from concord_bus.pipeline import place_of
from concord_notification.webhooks.application.binding import wanted
from concord_notification.webhooks.ports import Bindings, NotBound

log = structlog.get_logger("concord.webhooks")

TICK_SECONDS = 1.0
LOOK_SECONDS = 5.0
"""How often the list of endpoints is looked at: another process may have changed it."""
WHOLE_SECONDS = 30.0
"""How often everything is said anew though nothing changed: somebody may have changed the broker."""
PASS_SECONDS = 5.0
SETTLE_SECONDS = 3.0
STOP_SECONDS = 1.0

Read = Callable[[], AbstractContextManager[Any]]


class Binder:
    """Follows the endpoints until told to stop. Only its own green thread speaks with the broker."""

    def __init__(
        self,
        read: Read,
        bindings: Bindings,
        at_will: Collection[str],
        state: ConnectionState,
        *,
        ticking: Callable[[], float] = monotonic,
    ) -> None:
        self._read = read
        self._bindings = bindings
        self._at_will = frozenset(at_will)
        self._state = state
        self._ticking = ticking
        self._backoff = Backoff(longest=LOOK_SECONDS)
        self._told = threading.Condition()
        self._asked = self._tried = self._done = 0
        self._bound: frozenset[str] | None = None
        self._look_at = self._whole_at = 0.0
        self._stopping = False
        self._ended = threading.Event()

    def settle(self, types: Collection[str], seconds: float = SETTLE_SECONDS) -> bool:
        """Endpoints granted these types changed: have the bindings follow. False when `seconds` were too few."""
        if self._at_will.isdisjoint(types):
            return True
        with self._told:
            self._asked += 1
            mine = self._asked
            self._told.notify_all()
            self._told.wait_for(lambda: self._tried >= mine or self._stopping, seconds)
            return self._done >= mine

    def run(self) -> None:
        """Until stopped. Every failure ends in another attempt after a growing wait."""
        while not self._stopping:
            self.step(TICK_SECONDS)
        self._bindings.close()
        self._ended.set()

    def stop(self) -> None:
        """What is not bound or unbound by now is so after the next start."""
        with self._told:
            self._stopping = True
            self._told.notify_all()
        if not self._ended.wait(STOP_SECONDS):
            self._bindings.abort()

    def problem(self) -> str | None:
        """Why events for webhooks may be missed now, or None."""
        return f"the binder {self._state.problem}" if self._state.problem else None

    def step(self, seconds: float) -> None:
        """Look after the bindings once, at the latest after `seconds`; nothing foreseen is raised."""
        with self._told:
            self._told.wait_for(lambda: self._stopping or self._asked > self._tried, seconds)
            asked, due = self._asked, self._asked > self._tried or self._ticking() >= self._look_at
        if self._stopping:
            return
        well = self._attempted(lambda: self._look(asked > self._tried)) if due else self._attempted(self._bindings.beat)
        with self._told:
            self._tried = asked if due else self._tried
            self._done = asked if due and well else self._done
            self._told.notify_all()

    def _attempted(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except NotBound as error:
            self._failed(error.problem)
        except ResourceUnavailable as away:
            self._failed(f"waits for the {away.resource}")
        except Exception as error:  # the edge of this green thread: it must go on
            self._failed(f"met an unexpected {place_of(error)}")
        else:
            return True
        return False

    def _failed(self, problem: str) -> None:
        wait = self._backoff.seconds()
        self._bound = None
        self._look_at = self._ticking() + wait
        self._state.down(problem)
        if not self._stopping:
            log.warning("events for webhooks are not bound", problem=problem, retry_in=round(wait, 1))

    def _look(self, asked: bool) -> None:
        self._bindings.open()  # before the turn: a broker that hangs must not hold up other processes
        now = self._ticking()
        if asked or self._bound is None or now >= self._whole_at or self._read_wanted() != self._bound:
            self._follow()
        self._look_at = self._ticking() + LOOK_SECONDS
        self._backoff.reset()
        self._state.up()

    def _read_wanted(self) -> frozenset[str]:
        with self._read() as store:
            return wanted(store.webhooks.endpoints(), self._at_will)

    def _follow(self) -> None:
        before = self._bound
        with self._read() as store:
            store.webhooks.turn_to_bind()
            now_so = wanted(store.webhooks.endpoints(), self._at_will)
            self._bindings.follow(now_so, PASS_SECONDS)
        self._bound = now_so
        # After a failure once more soon: what a hanging broker was told then, it may do only now.
        self._whole_at = self._ticking() + (LOOK_SECONDS if before is None else WHOLE_SECONDS)
        if now_so != before:
            log.info("events for webhooks are bound", types=sorted(now_so))
