"""The pipeline of one service, wired from its parts."""

import random
from collections.abc import Callable, Mapping, Sequence

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.retry import RetryPolicy
from concord_bus.metrics import Instruments
from concord_bus.pipeline.batches import Batches
from concord_bus.pipeline.effects import Effects
from concord_bus.pipeline.failures import FailureRecords
from concord_bus.pipeline.message_reader import MessageReader
from concord_bus.pipeline.retries import Retries
from concord_bus.pipeline.suspects import Suspects
from concord_bus.ports import BusDatabase, Clock, Handler, utc_now
from concord_contracts import Codec


class Pipeline:
    """Consumes deliveries for one service. It knows no broker, only deliveries and a database."""

    def __init__(
        self,
        database: BusDatabase,
        codec: Codec,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock = utc_now,
        waits_clock: Clock | None = None,
        policy: RetryPolicy | None = None,
        instruments: Instruments | None = None,
        chance: Callable[[], float] = random.random,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Take `committed`, called after each commit that may fill the outbox, and `chance`, which spreads retries.

        `waits_clock` measures waits; without it `clock` does.
        """
        policy, instruments = policy or RetryPolicy(), instruments or Instruments.unregistered()
        waits_clock = waits_clock or clock
        reader = MessageReader(codec, handlers)
        effects = Effects(database, codec, handlers, clock, waits_clock, instruments, committed)
        failures = FailureRecords(database, policy, waits_clock, chance, instruments)
        self._batches = Batches(reader, effects, failures)
        self._suspects = Suspects(database, reader, self._batches, failures, policy, instruments)
        self._retries = Retries(database, reader, effects, failures, policy, waits_clock, chance, instruments)

    @property
    def windows(self) -> Mapping[str, int]:
        """The largest safe prefetch of each queue that had redelivered messages in the last batch."""
        return self._suspects.windows

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Process a batch: new deliveries together, then the redelivered ones in groups. Raises ResourceUnavailable."""
        first_deliveries = [delivery for delivery in deliveries if not delivery.redelivered]
        if first_deliveries:
            self._batches.take(first_deliveries)
        self._suspects.take([delivery for delivery in deliveries if delivery.redelivered])

    def retry_due(self, limit: int = 100) -> int:
        """Retry at most `limit` due messages, one at a time, and return their number. Raises ResourceUnavailable."""
        return self._retries.retry_due(limit)

    def end_overlong_waits(self) -> int:
        """Make overlong waits end now, and return their number. Raises DatabaseUnavailable."""
        return self._retries.end_overlong_waits()
