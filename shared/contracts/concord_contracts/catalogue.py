"""The one list of message types: who owns each, where it travels and who may read it."""

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

    Of what is nested the name says where: `point.lon`, `promises[].due_at`.
    """

    name: str
    meaning: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type of message.

    `name` ends in its version (`concern.routed.v1`); an incompatible change makes a new version. `owner` is the
    only service that sends it. A private type names its `recipient`, the only service that can decrypt it.
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
        """The fields of `data`, with meaning and unit; after one that nests messages, theirs."""
        return _described(self.data, "")


def _described(data_class: type[Any], prefix: str) -> Iterator[FieldDescription]:
    for field in fields(data_class):
        wire = field.metadata["wire"]
        yield FieldDescription(f"{prefix}{field.name}", wire.metadata["description"], wire.metadata.get("unit"))
        nested = nested_in(wire)
        if nested is not None:
            several = "" if nested is wire else "[]"
            yield from _described(nested.metadata["dataclass"], f"{prefix}{field.name}{several}.")


CATALOGUE: Mapping[str, MessageType] = MappingProxyType(
    {
        each.name: each
        for each in (
            MessageType("concern.received.v1", m.ConcernReceived, "intake"),
            MessageType("concern.submitted.v1", m.ConcernSubmitted, "intake", recipient="routing"),
            MessageType("contact.given.v1", m.ContactGiven, "intake", recipient="notification"),
            MessageType("concern.routed.v1", m.ConcernRouted, "routing"),
            MessageType("concern.unroutable.v1", m.ConcernUnroutable, "routing"),
            MessageType("concern.acknowledged.v1", m.ConcernAcknowledged, "routing"),
            MessageType("concern.updated.v1", m.ConcernUpdated, "routing"),
            MessageType("concern.reassigned.v1", m.ConcernReassigned, "routing"),
            MessageType("concern.referred.v1", m.ConcernReferred, "routing"),
            MessageType("concern.resolved.v1", m.ConcernResolved, "routing"),
            MessageType("concern.declined.v1", m.ConcernDeclined, "routing"),
            MessageType("concern.reopened.v1", m.ConcernReopened, "routing"),
            MessageType("concern.closed.v1", m.ConcernClosed, "routing"),
            MessageType("concern.fell_silent.v1", m.ConcernFellSilent, "routing"),
            MessageType("promise.made.v1", m.PromiseMade, "routing"),
            MessageType("promise.at_risk.v1", m.PromiseAtRisk, "routing"),
            MessageType("promise.kept.v1", m.PromiseKept, "routing"),
            MessageType("promise.missed.v1", m.PromiseMissed, "routing"),
            MessageType("promise.renegotiated.v1", m.PromiseRenegotiated, "routing"),
            MessageType("word.given.v1", m.WordGiven, "routing", recipient="notification"),
            MessageType("word.recorded.v1", m.WordRecorded, "routing", recipient="intake"),
            MessageType("feedback.given.v1", m.FeedbackGiven, "intake"),
            MessageType("reopen.requested.v1", m.ReopenRequested, "intake"),
            MessageType("objection.given.v1", m.ObjectionGiven, "intake", recipient="routing"),
            MessageType("concern.withdrawn.v1", m.ConcernWithdrawn, "intake"),
            MessageType("notification.delivered.v1", m.NotificationDelivered, "notification"),
            MessageType("notification.failed.v1", m.NotificationFailed, "notification"),
        )
    }
)

_BY_CLASS = {each.data: each for each in CATALOGUE.values()}


def message_type(name: str) -> MessageType:
    """The type called `name`; KeyError when there is none."""
    return CATALOGUE[name]


def type_of(data: object) -> MessageType:
    """The type of a message's data; KeyError when its class is not in the catalogue."""
    return _BY_CLASS[type(data)]
