"""Looks: a person reads a resident's words or contact. Each one is in the audit, but not each reload of a page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from concord_contracts.messages.answers import LOOKS

CONCERN, CONTACT = LOOKS
AUDIT_ACTIONS = {CONCERN: "case.read", CONTACT: "contact.read"}
WINDOW = timedelta(minutes=10)
"""The time in which further looks of one person at one thing belong to the first."""


@dataclass(frozen=True, slots=True)
class Look:
    """The last recorded look of an `actor` at a case's concern or contact (`part`, one of LOOKS), in UTC."""

    case_id: str
    actor: str
    part: str
    at: datetime


def is_new_look(last: datetime | None, now: datetime) -> bool:
    """Return whether a look at `now` is a new one. A last look in the future comes from a wrong clock: it counts."""
    return last is None or not timedelta(0) <= now - last < WINDOW
