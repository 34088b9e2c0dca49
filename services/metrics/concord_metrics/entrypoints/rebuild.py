"""Entry point of `concord replay metrics`; see `concord_bus.rebuild`."""

import time
from datetime import UTC, datetime

from concord_bus.adapters.amqp.stream_reader import first_offset, last_offset
from concord_bus.adapters.sql.database import Database
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.rebuild import Progress, RebuildError, RebuildRequest, RebuildResult
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import LOG
from concord_metrics.adapters.rebuild_workers import NAME, reading
from concord_metrics.adapters.repository import SqlStore, transactions
from concord_metrics.application.rebuild import OffsetRange, abandon, add_batches, begin, handled_events, switch
from concord_metrics.domain.log_comparison import LogComparison
from concord_metrics.ports import Transaction

SETTLE_SECONDS = 2.0
"""A message reaches a queue and the stream within moments of each other. After this time it is in both."""


def rebuild(request: RebuildRequest, progress: Progress) -> RebuildResult:
    """Rebuild all measures; a `concord_bus.rebuild.Rebuild`."""
    database = Database(request.database_url, SqlStore)
    transaction = transactions(database)
    try:
        begin(transaction, request.restart)
        try:
            return _read_and_switch(transaction, request, progress)
        except BaseException as error:
            _abandon(transaction, error)
            raise
    finally:
        database.dispose()


def _read_and_switch(transaction: Transaction, request: RebuildRequest, progress: Progress) -> RebuildResult:
    handled = handled_events(transaction)
    time.sleep(SETTLE_SECONDS)
    offsets = _offsets(request.broker, request.start)
    comparison = LogComparison(handled, from_start=offsets.first == 0)
    with reading(request.broker, LOG, offsets.split(request.workers)) as batches:
        events, skipped = add_batches(transaction, batches, lambda read: progress(read, offsets.length), comparison)
    missing = comparison.missing()
    concerns, before = switch(transaction, missing, request.allow_fewer, request.actor, datetime.now(UTC))
    return RebuildResult(events, skipped, concerns, before, len(missing.ids))


def _offsets(broker: BrokerAddress, start: str | datetime) -> OffsetRange:
    last = last_offset(broker, NAME, LOG)
    first = None if last is None else first_offset(broker, NAME, LOG, start)
    if first is None or last is None:
        raise RebuildError(f"{LOG} holds no event after the start of --from: choose an earlier one.")
    return OffsetRange(first, last)


def _abandon(transaction: Transaction, error: BaseException) -> None:
    try:
        abandon(transaction)
    except DatabaseUnavailable:
        error.add_note("The database is unavailable: give --restart next time.")
