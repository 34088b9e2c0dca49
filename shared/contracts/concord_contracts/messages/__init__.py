"""Every message of Concord as a frozen dataclass, one file for each service that sends them."""

from concord_contracts.messages.cases import (
    ConcernAcknowledged,
    ConcernClosed,
    ConcernDeclined,
    ConcernReassigned,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernUpdated,
)
from concord_contracts.messages.intake import ConcernReceived, ConcernSubmitted, ContactGiven
from concord_contracts.messages.notification import NotificationDelivered, NotificationFailed
from concord_contracts.messages.places import ExactPoint, GridPoint, snap
from concord_contracts.messages.routing import ConcernRouted, ConcernUnroutable

__all__ = [
    "ConcernAcknowledged",
    "ConcernClosed",
    "ConcernDeclined",
    "ConcernReassigned",
    "ConcernReceived",
    "ConcernReferred",
    "ConcernReopened",
    "ConcernResolved",
    "ConcernRouted",
    "ConcernSubmitted",
    "ConcernUnroutable",
    "ConcernUpdated",
    "ContactGiven",
    "ExactPoint",
    "GridPoint",
    "NotificationDelivered",
    "NotificationFailed",
    "snap",
]
