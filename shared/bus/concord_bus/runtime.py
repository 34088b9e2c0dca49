"""The parts of the bus that one service's process needs, wired once."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from prometheus_client import REGISTRY
from sqlalchemy.engine import Connection

from concord_bus.adapters.certificates import broker_sources, database_sources
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.write_check import WriteCheck
from concord_bus.certificate_watch import CertificateWatch
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.domain.retry import RetryPolicy
from concord_bus.domain.steady_clock import SteadyClock
from concord_bus.domain.stored_messages import Depths
from concord_bus.health import Check, ConnectionState, health
from concord_bus.key_check import KeyCheck
from concord_bus.metrics import DepthCollector, Instruments
from concord_bus.pipeline.pipeline import Pipeline
from concord_bus.ports import Clock, Handler, utc_now
from concord_bus.settings import BusSettings
from concord_bus.unit_of_work import OpenWork
from concord_contracts import Codec

INBOX_SECONDS = 30 * 24 * 3600.0
"""The retention of an event id: longer than the longest retry and than any manual replay."""


class BusRuntime:
    """The bus of one service: database, pipeline, codec, and the state of its connections."""

    def __init__(
        self,
        service: str,
        settings: BusSettings,
        handlers: Mapping[str, Handler],
        store_of: Callable[[Connection], Any],
        queues: Sequence[str],
        *,
        instruments: Instruments | None = None,
        clock: Clock = utc_now,
        policy: RetryPolicy | None = None,
        tables: Iterable[str] = (),
    ) -> None:
        """Wire the parts. `queues` are the service's queues without its dead-letter queue, `tables` its own tables."""
        self.service = service
        self.settings = settings
        self.queues = (*queues, f"{service}.dead")
        self.instruments = instruments or Instruments(REGISTRY)
        self.database = Database(settings.database_url, store_of, clock)
        self.codec = Codec(settings.keyrings, settings.schema_url)
        self.outbox_filled = threading.Event()
        self.consumer_state = ConnectionState("consumer", self.instruments)
        self.relay_state = ConnectionState("relay", self.instruments)
        self._clock = clock
        self._write_check = WriteCheck(self.database, tables)
        self._certificates = broker_sources(settings.broker) + database_sources(settings.database_url)
        self.certificate_watch = CertificateWatch(self._certificates.certificates, settings.warning_days, clock)
        self.pipeline = Pipeline(
            self.database,
            self.codec,
            handlers,
            clock=clock,
            waits_clock=SteadyClock(clock),
            policy=policy or RetryPolicy(),
            instruments=self.instruments,
            committed=self.outbox_filled.set,
        )
        self.checks: list[Check] = [self._database_problem, self.consumer_state.check, self.relay_state.check]
        self.warning_checks: list[Check] = []
        self._key_checks: list[KeyCheck] = []

    def check_keys(self, check: KeyCheck) -> None:
        """Compare the keys with the stored data after the start, and show a fault in the readiness."""
        self._key_checks.append(check)
        self.checks.append(check.problem)
        self.warning_checks.append(check.warning)

    def look_at_keys(self) -> None:
        """Make every check of keys that has not succeeded yet."""
        for check in self._key_checks:
            check.look()

    def watch_depths(self) -> None:
        """Register the depths among the process's metrics. Call it once in a process."""
        REGISTRY.register(DepthCollector(self.depths, lambda: self._clock().timestamp()))

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Process a batch of deliveries; see `pipeline`."""
        self.pipeline.take(deliveries)

    @contextmanager
    def work(self) -> Iterator[OpenWork[Any]]:
        """Open one transaction for a command, its effects and messages together. Raises DatabaseUnavailable."""
        with self.database.begin() as (tx, store):
            work = OpenWork(store, self._clock(), self.codec)
            yield work
            tx.enqueue(work.outgoing)
        if work.outgoing:
            self.outbox_filled.set()

    @contextmanager
    def read(self) -> Iterator[Any]:
        """Open the service's store for reading. Raises DatabaseUnavailable."""
        with self.database.read() as (_, store):
            yield store

    def depths(self) -> Depths:
        with self.database.read() as (tx, _):
            return tx.depths()

    def forget_old(self, keep_going: Callable[[], bool] = lambda: True) -> int:
        """Delete old inbox entries and settled parked messages, and return their number.

        Every batch is a short transaction. The loop calls `keep_going` after each and ends when it returns False.
        """
        total = 0
        while dropped := self._forget_some():
            total += dropped
            if not keep_going():
                break
        return total

    def _forget_some(self) -> int:
        now = self._clock().timestamp()
        with self.database.begin() as (tx, _):
            deleted = tx.forget(now - INBOX_SECONDS)
        with self.database.begin() as (tx, _):
            return deleted + tx.delete_settled(now - self.settings.parked_retention_seconds)

    def ledger(self) -> dict[str, int]:
        """Return the messages in the outbox, waiting and parked, and as `handled` those that took effect in the inbox's
        retention."""
        depths = self.depths()
        return {
            "outbox": depths.outbox,
            "waiting": depths.waiting,
            "parked": depths.parked,
            "handled": depths.inbox,
        }

    def health(self) -> list[str]:
        """Return the reasons that the service is not ready; none when it is."""
        return health(self.checks)

    def warnings(self) -> Sequence[str]:
        """Return the faults that an operator has to mend although the service can do its work, one sentence each."""
        return (*self.relay_state.warnings, *self.certificate_watch.warnings, *health(self.warning_checks))

    @property
    def uses_certificates(self) -> bool:
        """Return whether a connection of the service uses TLS."""
        return bool(self._certificates)

    def _database_problem(self) -> str | None:
        """Return what keeps the database from being read, or from taking a small write."""
        try:
            with self.database.read() as (tx, _):
                tx.waiting_keys(["_"])
        except DatabaseUnavailable as away:
            return f"the database {away.problem}"
        problem = self._write_check.problem()
        return f"the database {problem}" if problem else None
