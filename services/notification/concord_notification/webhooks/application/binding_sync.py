"""The reconciliation of the broker's bindings with the grants of endpoints.

Several processes may reconcile. Each holds a lock while it reads the grants and replaces all bindings, so no process
unbinds from an outdated list what another one has bound.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import monotonic

import structlog

from concord_bus.backoff import Backoff
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.health import ConnectionState
from concord_bus.ports import Read
from concord_notification.webhooks.domain.endpoint import types_to_bind
from concord_notification.webhooks.ports import BindingFailed, Bindings, Store

log = structlog.get_logger("concord.webhooks")

TICK_SECONDS = 1.0
POLL_SECONDS = 5.0
"""The interval for reading the endpoints: another process may have changed them."""
FULL_SYNC_SECONDS = 30.0
"""The interval for replacing all bindings without a change: somebody may have changed the broker."""
REPLACE_SECONDS = 5.0
RECONCILE_SECONDS = 3.0
STOP_SECONDS = 1.0


@dataclass(eq=False)
class BindingSync:
    """Keeps the bindings in step with the endpoints. Only its own green thread uses the broker.

    `bindable` are the types that have a binding only on demand; `ticking` is a monotonic clock in seconds.
    """

    read: Read[Store]
    bindings: Bindings
    bindable: Collection[str]
    state: ConnectionState
    ticking: Callable[[], float] = monotonic

    def __post_init__(self) -> None:
        self._backoff = Backoff(longest=POLL_SECONDS)
        self._changed = threading.Condition()
        self._requested = self._attempted = self._completed = 0
        self._bound: frozenset[str] | None = None
        self._poll_at = self._full_sync_at = 0.0
        self._stopping = False
        self._ended = threading.Event()

    def reconcile(self, types: Collection[str], seconds: float = RECONCILE_SECONDS) -> bool:
        """Bind after a change of endpoints with these types. Return False if it takes longer than `seconds`."""
        if set(types).isdisjoint(self.bindable):
            return True
        with self._changed:
            self._requested += 1
            number = self._requested
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._attempted >= number or self._stopping, seconds)
            return self._completed >= number

    def run(self) -> None:
        """Run steps until `stop`."""
        while not self._stopping:
            self.step(TICK_SECONDS)
        self.bindings.close()
        self._ended.set()

    def stop(self) -> None:
        """End now; the next start completes the bindings."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if not self._ended.wait(STOP_SECONDS):
            self.bindings.abort()

    def step(self, seconds: float) -> None:
        """Wait for a request, at most `seconds`, then sync or send a heartbeat. Raises no expected error."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._requested > self._attempted, seconds)
            number, requested = self._requested, self._requested > self._attempted
        if self._stopping:
            return
        if not requested and self.ticking() < self._poll_at:
            self._succeeds(self.bindings.heartbeat)
            return
        completed = self._succeeds(lambda: self._sync(requested))
        with self._changed:
            self._attempted = number
            self._completed = number if completed else self._completed
            self._changed.notify_all()

    def _succeeds(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except BindingFailed as error:
            self._failed(error.problem)
        except ResourceUnavailable as away:
            self._failed(f"waits for the {away.resource}")
        except Exception as error:  # the edge of this green thread: it must go on
            self._failed(f"met an unexpected {error_location(error)}")
        else:
            return True
        return False

    def _failed(self, problem: str) -> None:
        wait = self._backoff.seconds()
        self._bound = None
        self._poll_at = self.ticking() + wait
        self.state.down(problem)
        if not self._stopping:
            log.warning("events for webhooks are not bound", problem=problem, retry_in=round(wait, 1))

    def _sync(self, requested: bool) -> None:
        self.bindings.open()  # before the lock: a broker that hangs must not hold up other processes
        due = self._bound is None or self.ticking() >= self._full_sync_at
        if requested or due or self._granted_types() != self._bound:
            self._replace()
        self._poll_at = self.ticking() + POLL_SECONDS
        self._backoff.reset()
        self.state.up()

    def _granted_types(self) -> frozenset[str]:
        with self.read() as store:
            return types_to_bind(store.webhooks.endpoints(), self.bindable)

    def _replace(self) -> None:
        before = self._bound
        with self.read() as store:
            store.webhooks.binding_lock()
            types = types_to_bind(store.webhooks.endpoints(), self.bindable)
            self.bindings.replace(types, REPLACE_SECONDS)
        self._bound = types
        # Soon again after a failure: a broker that hung may run the earlier commands only now.
        self._full_sync_at = self.ticking() + (POLL_SECONDS if before is None else FULL_SYNC_SECONDS)
        if types != before:
            log.info("events for webhooks are bound", types=sorted(types))
