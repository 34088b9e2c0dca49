"""A concern as the resident said it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import getrandbits
from typing import Literal

CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future a resident's clock may be."""

EARLIEST_YEAR = 1900
"""No concern is about anything earlier; a year before it is a slip of the keyboard."""

Place = Literal["point", "address", "none"]


@dataclass(frozen=True, slots=True)
class Contact:
    """How the reporter can be reached. At least one of e-mail and phone is given."""

    name: str | None
    email: str | None
    phone: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Past:
    """What became of a concern before Concord heard of it (UTC): when it reached the city, the city's own target
    for its response, and when it was dealt with."""

    reported_at: datetime
    promised_by: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a reporter said, checked. `point` is (longitude, latitude) in WGS 84 degrees; times are aware UTC.

    `past` is of a concern that an import brings; None for one that is reported now.
    """

    category: str
    description: str
    point: tuple[float, float] | None
    address: str | None
    occurred_at: datetime | None
    channel: str
    language: str
    contact: Contact | None = None
    past: Past | None = None

    @property
    def place(self) -> Place:
        """How the place was given; a point says more than an address."""
        if self.point is not None:
            return "point"
        return "none" if self.address is None else "address"


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern that was taken in. `receipt_hash` is all that is kept of the receipt."""

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


def new_concern_id(now: datetime) -> str:
    """32 hexadecimal digits that sort by time, laid out as a UUID of version 7 (RFC 9562, section 5.7).

    Sorting by time keeps the database's index growing at one end, which is what makes bulk inserts cheap.
    """
    noise = f"{getrandbits(72):018x}"  # an id is no secret: only the receipt shows a concern
    return f"{int(now.timestamp() * 1000):012x}7{noise[:3]}8{noise[3:18]}"


def accept(said: Said, concern_id: str, receipt_hash: bytes, now: datetime) -> Concern:
    """The concern as it is kept. It counts as received when it was reported, or else now."""
    lon, lat = said.point or (None, None)
    return Concern(
        concern_id,
        receipt_hash,
        said.category,
        said.description,
        said.language,
        said.channel,
        lon,
        lat,
        said.address,
        said.occurred_at,
        said.past.reported_at if said.past else now,
        said.contact is not None,
    )


def too_late(moment: datetime, now: datetime) -> bool:
    """The moment lies in the future by more than a resident's clock may be wrong."""
    return moment > now + CLOCK_SKEW
