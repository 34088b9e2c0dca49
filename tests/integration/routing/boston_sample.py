"""The 2,000 concerns of the Boston sample as intake would submit them, and the district the city recorded."""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path

from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernSubmitted
from concord_contracts.messages.points import ExactPoint

BOSTON = Path(__file__).parents[3] / "deploy" / "sample" / "boston"
ADDRESS = "12 Nowhere Street"


@cache
def records() -> dict[str, dict[str, str]]:
    """Rows of the sample by their id."""
    with (BOSTON / "records.csv").open(encoding="utf-8", newline="") as file:
        return {row["n_id"]: row for row in csv.DictReader(file)}


def submission(row: dict[str, str], received_at: datetime | None = None) -> Event[ConcernSubmitted]:
    """As recorded, or as if it had been received now."""
    at = received_at or datetime.fromisoformat(row["n_time"])
    concern = ConcernSubmitted(
        concern_id=row["n_id"],
        category=row["n_category"],
        channel=row["n_channel"],
        description=f"{row['n_text']}, says the neighbour",
        language="en",
        received_at=at,
        occurred_at=None,
        point=ExactPoint(lon=float(row["n_lon"]), lat=float(row["n_lat"])) if row["n_lon"] else None,
        address=ADDRESS,
    )
    return new_event(concern, sequence=2, time=at)


def submissions(count: int | None = None, received_at: datetime | None = None) -> list[Event[ConcernSubmitted]]:
    """The first `count`, or all; each call gives the events new ids."""
    return [submission(row, received_at) for row in list(records().values())[:count]]
