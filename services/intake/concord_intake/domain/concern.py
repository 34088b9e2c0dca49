"""A concern and the submission that it comes from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import getrandbits
from typing import Literal

CLOCK_SKEW = timedelta(minutes=5)
"""Tolerance for a resident's clock that is fast."""

EARLIEST_YEAR = 1900
"""A year before this one is a typing error."""

Place = Literal["point", "address", "none"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A reporter's contact data, with an e-mail address, a telephone number or both. Without either, mails stop."""

    name: str | None
    email: str | None
    phone: str | None
    language: str


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """The past of a concern from before Concord ran, in UTC.

    `reported_at` is when the city received it, `promised_by` the city's own target for a response, and `closed_at`
    when the city closed it.
    """

    reported_at: datetime
    promised_by: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A resident's valid input. `point` is (longitude, latitude) in WGS 84 degrees; times are UTC.

    Only an imported concern has a `history`. `area` is the code that the reporter chose in place of a point.
    """

    category: str
    description: str
    point: tuple[float, float] | None
    address: str | None
    occurred_at: datetime | None
    channel: str
    language: str
    contact: Contact | None = None
    history: ImportedHistory | None = None
    area: str | None = None

    @property
    def place(self) -> Place:
        """The most exact form of the place."""
        if self.point is not None:
            return "point"
        return "none" if self.address is None else "address"


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern in intake's database. Intake stores no receipt, only `receipt_hash` and `receipt_index`.

    Concerns from before the index have None until a worker fills it: their receipt alone does not find them.
    """

    id: str
    receipt_hash: bytes
    category: str
    description: str
    language: str
    channel: str
    lon: float | None
    lat: float | None
    address: str | None
    occurred_at: datetime | None
    received_at: datetime
    contact_given: bool
    receipt_index: bytes | None = None


def new_concern_id(now: datetime) -> str:
    """Return 32 hexadecimal digits that sort by time, in the layout of a version 7 UUID (RFC 9562, section 5.7).

    Sorted ids make the database's index grow at one end, and bulk inserts cheap.
    """
    noise = f"{getrandbits(72):018x}"  # an id is no secret: only the receipt shows a concern
    return f"{int(now.timestamp() * 1000):012x}7{noise[:3]}8{noise[3:18]}"


def create_concern(
    submission: Submission, concern_id: str, receipt_hash: bytes, now: datetime, receipt_index: bytes | None = None
) -> Concern:
    """Return the concern to store. Its `received_at` is the time of the report for an import, else `now`."""
    lon, lat = submission.point or (None, None)
    return Concern(
        concern_id,
        receipt_hash,
        submission.category,
        submission.description,
        submission.language,
        submission.channel,
        lon,
        lat,
        submission.address,
        submission.occurred_at,
        submission.history.reported_at if submission.history else now,
        submission.contact is not None,
        receipt_index,
    )


def is_in_future(moment: datetime, now: datetime) -> bool:
    """Return whether the moment is later than `now` by more than CLOCK_SKEW."""
    return moment > now + CLOCK_SKEW
