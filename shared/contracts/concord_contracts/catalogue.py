"""The catalogue of all message types: their owners, exchanges and recipients."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from concord_contracts import messages as m
from concord_contracts.fields import nested_in

PUBLIC_EXCHANGE = "concord.events"
PRIVATE_EXCHANGE = "concord.private"


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One field of a message: its name, meaning and unit.

    The name of a nested field has its path: `point.lon`, `promises[].due_at`.
    """

    name: str
    meaning: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type of message.

    `name` is the `TYPE` of the class `data` and ends in a version: `concern.routed.v1`. An incompatible change needs a
    new version. `owner` is the only service that publishes it. A private type has a `recipient`, the only service that
    can decrypt it.
    """

    name: str
    data: type[Any]
    owner: str
    recipient: str | None = None

    @property
    def version(self) -> int:
        return int(self.name.rpartition(".v")[2])

    @property
    def public(self) -> bool:
        return self.recipient is None

    @property
    def exchange(self) -> str:
        return PUBLIC_EXCHANGE if self.public else PRIVATE_EXCHANGE

    @property
    def source(self) -> str:
        """CloudEvents `source` of the events of this type."""
        return f"/concord/{self.owner}"

    @property
    def description(self) -> str:
        return (self.data.__doc__ or "").strip()

    def fields(self) -> Iterator[FieldDescription]:
        """Yield the fields of `data` with meaning and unit. The fields of a nested message follow its field."""
        return _described(self.data, "")


def _described(data_class: type[Any], prefix: str) -> Iterator[FieldDescription]:
    for field in fields(data_class):
        wire = field.metadata["wire"]
        yield FieldDescription(f"{prefix}{field.name}", wire.metadata["description"], wire.metadata.get("unit"))
        nested = nested_in(wire)
        if nested is not None:
            several = "" if nested is wire else "[]"
            yield from _described(nested.metadata["dataclass"], f"{prefix}{field.name}{several}.")


def _type(data: type[Any], owner: str, recipient: str | None = None) -> MessageType:
    return MessageType(data.TYPE, data, owner, recipient)


# CONTRIBUTING.md, change 2, lists the other places of a new message type.
_TYPES = (
    _type(m.ConcernReceived, "intake"),
    _type(m.ConcernSubmitted, "intake", recipient="routing"),
    _type(m.HistoryUpdated, "intake", recipient="routing"),
    _type(m.ContactGiven, "intake", recipient="notification"),
    _type(m.ContactRecorded, "intake", recipient="routing"),
    _type(m.ConcernRouted, "routing"),
    _type(m.ConcernUnroutable, "routing"),
    _type(m.ConcernAcknowledged, "routing"),
    _type(m.ConcernUpdated, "routing"),
    _type(m.ConcernReassigned, "routing"),
    _type(m.ConcernReferred, "routing"),
    _type(m.ConcernResolved, "routing"),
    _type(m.ConcernDeclined, "routing"),
    _type(m.ConcernReopened, "routing"),
    _type(m.ConcernClosed, "routing"),
    _type(m.ConcernFellSilent, "routing"),
    _type(m.ConcernAnswered, "routing"),
    _type(m.ConcernUnanswered, "routing"),
    _type(m.PromiseMade, "routing"),
    _type(m.PromiseAtRisk, "routing"),
    _type(m.PromiseKept, "routing"),
    _type(m.PromiseMissed, "routing"),
    _type(m.PromiseRenegotiated, "routing"),
    _type(m.WordGiven, "routing", recipient="notification"),
    _type(m.WordRecorded, "routing", recipient="intake"),
    _type(m.AccessRecorded, "routing", recipient="intake"),
    _type(m.FeedbackGiven, "intake"),
    _type(m.FeedbackUndecided, "intake"),
    _type(m.ReopenRequested, "intake"),
    _type(m.ObjectionGiven, "intake", recipient="routing"),
    _type(m.AnswerGiven, "intake", recipient="routing"),
    _type(m.ConcernWithdrawn, "intake"),
    _type(m.NotificationDelivered, "notification"),
    _type(m.NotificationFailed, "notification"),
)
CATALOGUE: Mapping[str, MessageType] = MappingProxyType({kind.name: kind for kind in _TYPES})
_BY_CLASS = {kind.data: kind for kind in _TYPES}


def message_type(name: str) -> MessageType:
    """Return the message type with this name. Raises KeyError."""
    return CATALOGUE[name]


def type_of(data: object) -> MessageType:
    """Return the message type of a message. Raises KeyError when its class is not in the catalogue."""
    return _BY_CLASS[type(data)]
