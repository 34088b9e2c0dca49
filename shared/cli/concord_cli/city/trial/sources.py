"""The concerns that `concord city try` decides: those of a file of records, or those of a running platform."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from concord_city.domain.comparison import PastConcern
from concord_cli.common.errors import UsageError
from concord_cli.common.records import Record
from concord_cli.common.service_database import open_connection
from concord_cli.records import RecordsFile, RefusedRow
from concord_contracts.fields import read_instant

CONCERNS = "concerns"
MAX_REFUSED = 10
"""Refused rows that the text shows; `concord import --dry-run` lists all."""
LiveConcerns = Callable[[Connection, datetime], Iterator[PastConcern]]
"""Intake's function `past_concerns`. The command loads it by name, as `concord serve` loads a service."""


class RecordedConcerns:
    """Iterates over the records of a CSV file as concerns with their own times.

    A record with only a day or a month counts from its beginning. A record without any time counts as reported at
    `now`. The iteration passes over a refused row. It counts both, and keeps the first refusals.
    """

    def __init__(self, file: RecordsFile, now: datetime) -> None:
        self._file = file
        self._now = now
        self.without_time = 0
        self.refused = 0
        self.first_refused: list[RefusedRow] = []

    def __iter__(self) -> Iterator[PastConcern]:
        """Raises InvalidRecords."""
        for row in self._file:
            if isinstance(row, RefusedRow):
                self.refused += 1
                self.first_refused = [*self.first_refused, row][:MAX_REFUSED]
            else:
                yield self._concern(row)

    def _concern(self, record: Record) -> PastConcern:
        occurred = read_instant(record.occurred_at) if record.occurred_at else None
        at = read_instant(record.opened_at) if record.opened_at and not occurred else occurred
        self.without_time += at is None
        return PastConcern(record.id, record.category, record.channel, at or self._now, occurred, record.point)


@contextmanager
def live_concerns(url: str, length: timedelta, now: datetime) -> Iterator[Iterator[PastConcern]]:
    """Yield the concerns that the intake of this database received within `length` before `now`.

    Raises UsageError for a wrong URL or without the package of intake, ClickException for an unavailable database.
    """
    read = _intake_reader()
    with open_connection(url, writing=False) as connection:
        if not inspect(connection).has_table(CONCERNS):
            raise UsageError(f"The database has no table {CONCERNS}: name that of intake, by --database or --home.")
        yield read(connection, now - length)


def _intake_reader() -> LiveConcerns:
    try:
        reader: LiveConcerns = import_module("concord_intake.entrypoints.past_concerns").past_concerns
    except ModuleNotFoundError as error:
        raise UsageError("intake is not installed here: install the package concord-intake.") from error
    return reader
