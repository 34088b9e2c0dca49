"""Entry point of `concord city try --live`; see `concord_city.domain.comparison`."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from concord_city.domain.comparison import PastConcern
from concord_intake.adapters.tables import concerns

PAGE = 5_000
"""Rows that the driver holds at a time."""


def past_concerns(connection: Connection, since: datetime) -> Iterator[PastConcern]:
    """Yield the concerns received since a time (UTC), without texts, addresses and contacts, in no set order.

    The cursor stays open until the last one.
    """
    names = ("id", "category", "channel", "received_at", "occurred_at", "lon", "lat")
    query = select(*(concerns.c[name] for name in names)).where(concerns.c.received_at >= since)
    for row in connection.execute(query, execution_options={"yield_per": PAGE}):
        point = None if row.lon is None or row.lat is None else (row.lon, row.lat)
        yield PastConcern(row.id, row.category, row.channel, row.received_at, row.occurred_at, point)
