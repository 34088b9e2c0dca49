"""The rules for every row of a records file, made of its columns, its mapping and the city. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from concord_cli.records.closing import StatusWords
from concord_cli.records.columns import Columns
from concord_cli.records.mapping import ColumnMapping
from concord_cli.records.places import PlaceReader
from concord_cli.records.projection import projection_of
from concord_cli.records.times import TimeReader

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Rules:
    """The rules for every row of a file. `categories` are the city's codes, None if unknown.

    A time after `latest` is in the future: the clocks of the city and of this machine may differ by some minutes.
    """

    columns: Columns
    mapping: ColumnMapping
    times: TimeReader
    places: PlaceReader
    status: StatusWords
    now: datetime
    latest: datetime
    categories: Collection[str] | None = None

    @classmethod
    def of(
        cls,
        columns: Columns,
        mapping: ColumnMapping,
        zone: tzinfo | None,
        now: datetime,
        categories: Collection[str] | None,
    ) -> "Rules":
        return cls(
            columns,
            mapping,
            TimeReader(zone, mapping.forms, mapping.missing_hour, mapping.double_hour),
            PlaceReader(projection_of(mapping.projection) if mapping.projection else None, mapping.decimal),
            StatusWords(mapping.closed_words, mapping.open_words, mapping.closed_without_time),
            now,
            now + CLOCK_SKEW,
            categories,
        )
