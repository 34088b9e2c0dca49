"""Every message of Concord as a frozen dataclass. Its `TYPE` is the name of the message type."""

from concord_contracts.messages.answers import (
    AccessRecorded,
    AnswerGiven,
    ConcernAnswered,
    ConcernUnanswered,
    ContactRecorded,
    FeedbackUndecided,
)
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
from concord_contracts.messages.feedback import ConcernWithdrawn, FeedbackGiven, ObjectionGiven, ReopenRequested
from concord_contracts.messages.intake import ConcernReceived, ConcernSubmitted, ContactGiven, HistoryUpdated
from concord_contracts.messages.notification import NotificationDelivered, NotificationFailed
from concord_contracts.messages.officer_messages import WordGiven, WordRecorded
from concord_contracts.messages.points import ExactPoint, GridPoint, snap
from concord_contracts.messages.promises import (
    ConcernFellSilent,
    PromiseAtRisk,
    Promised,
    PromiseKept,
    PromiseMade,
    PromiseMissed,
    PromiseRenegotiated,
)
from concord_contracts.messages.routing import ConcernRouted, ConcernUnroutable

__all__ = [
    "AccessRecorded",
    "AnswerGiven",
    "ConcernAcknowledged",
    "ConcernAnswered",
    "ConcernClosed",
    "ConcernDeclined",
    "ConcernFellSilent",
    "ConcernReassigned",
    "ConcernReceived",
    "ConcernReferred",
    "ConcernReopened",
    "ConcernResolved",
    "ConcernRouted",
    "ConcernSubmitted",
    "ConcernUnanswered",
    "ConcernUnroutable",
    "ConcernUpdated",
    "ConcernWithdrawn",
    "ContactGiven",
    "ContactRecorded",
    "ExactPoint",
    "FeedbackGiven",
    "FeedbackUndecided",
    "GridPoint",
    "HistoryUpdated",
    "NotificationDelivered",
    "NotificationFailed",
    "ObjectionGiven",
    "PromiseAtRisk",
    "PromiseKept",
    "PromiseMade",
    "PromiseMissed",
    "PromiseRenegotiated",
    "Promised",
    "ReopenRequested",
    "WordGiven",
    "WordRecorded",
    "snap",
]
