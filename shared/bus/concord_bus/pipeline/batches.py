"""Takes a batch in one transaction; if that fails, its messages one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import DatabaseUnavailable, ResourceUnavailable
from concord_bus.pipeline.effects import Effects
from concord_bus.pipeline.failures import FailureRecords
from concord_bus.pipeline.message_reader import MessageReader, ReadBatch, Refused
from concord_bus.ports import Transaction

log = structlog.get_logger("concord.pipeline")


@dataclass(eq=False)
class Batches:
    """Takes deliveries, so that each has a durable result."""

    reader: MessageReader
    effects: Effects
    failures: FailureRecords

    def take(self, deliveries: Sequence[Delivery]) -> set[str]:
        """Take a batch, and return the fingerprints whose notes it cleared. Raises ResourceUnavailable.

        A message that fails alone because the database is away stays with the caller: no attempt counts.
        """
        batch = self.reader.read(deliveries)
        try:
            return self._take_together(deliveries, batch)
        except Exception as error:
            if isinstance(error, ResourceUnavailable) and (
                len(deliveries) == 1 or not isinstance(error, DatabaseUnavailable)
            ):
                raise
            if len(deliveries) == 1:
                self.failures.failed_alone(batch.readable, error)
                return set()
            log.warning(
                "batch failed, taking its messages one by one", size=len(deliveries), cause=error_location(error)
            )
        return {cleared for delivery in deliveries for cleared in self.take([delivery])}

    def _take_together(self, deliveries: Sequence[Delivery], batch: ReadBatch) -> set[str]:
        survived = {delivery.fingerprint for delivery in deliveries if delivery.redelivered}
        with self.effects.transaction(len(deliveries)) as (tx, store):
            refused, known = self._refused(tx, batch)
            for delivery, reason in refused:
                tx.park(delivery, reason, 0, None)
            applied = self.effects.apply(tx, store, batch.readable)
            tx.clear_suspects(survived)
        self.effects.count(applied._replace(duplicates=applied.duplicates + known))
        for delivery, reason in refused:
            self.failures.report_parked(delivery, reason, 0)
        return survived

    def _refused(self, tx: Transaction, batch: ReadBatch) -> tuple[list[Refused], int]:
        """Return what to park, and the number of dead letters that need not be: they took effect before."""
        known = tx.known([message.event.id for message, _ in batch.dead])
        lost = [(message.delivery, reason) for message, reason in batch.dead if message.event.id not in known]
        return batch.unreadable + lost, len(batch.dead) - len(lost)
