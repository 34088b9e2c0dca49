"""Reads deliveries: decodes those that this service handles, and gives the reason for each other one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from concord_bus.domain.delivery import DecodedDelivery, Delivery
from concord_bus.domain.error_location import error_location
from concord_bus.ports import Handler
from concord_contracts import BadMessage, Codec

MAX_BODY_BYTES = 1024 * 1024

Refused = tuple[Delivery, str]
"""A delivery to park, with the reason."""


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A batch by the treatment of its deliveries. `dead` are readable, but the broker gave up on them."""

    readable: list[DecodedDelivery] = field(default_factory=list)
    unreadable: list[Refused] = field(default_factory=list)
    dead: list[tuple[DecodedDelivery, str]] = field(default_factory=list)


@dataclass(eq=False)
class MessageReader:
    """Reads what this service has handlers for, up to MAX_BODY_BYTES."""

    codec: Codec
    handlers: Mapping[str, Handler]

    def read(self, deliveries: Sequence[Delivery]) -> ReadBatch:
        batch = ReadBatch()
        for delivery in deliveries:
            reason = delivery.dead_letter_reason
            try:
                message = self.read_one(delivery)
            except BadMessage as bad:
                batch.unreadable.append((delivery, reason or bad.reason))
                continue
            if reason:
                batch.dead.append((message, reason))
            else:
                batch.readable.append(message)
        return batch

    def read_one(self, delivery: Delivery) -> DecodedDelivery:
        """Decode one delivery. Raises BadMessage with the reason not to."""
        refusal = delivery.refusal(MAX_BODY_BYTES)
        if refusal:
            raise BadMessage(refusal)
        try:
            event = self.codec.decode(delivery.body)
        except BadMessage:
            raise
        except Exception as error:  # the edge: an unexpected error parks the message, so that the queue continues
            raise BadMessage(f"cannot be read: {error_location(error)}") from error
        if event.type not in self.handlers:
            raise BadMessage(f"{event.type} is not handled by this service")
        return DecodedDelivery(delivery, event)
