"""Concord's contracts: the messages between the services and their format.

`messages` has a dataclass for each message type, and `catalogue` lists them all. `envelope` adds the CloudEvents
attributes. `codec` reads and writes CloudEvents 1.0 structured JSON. `encryption` has the keys of private messages.
"""

from concord_contracts.catalogue import CATALOGUE, MessageType, message_type, type_of
from concord_contracts.codec import CONTENT_TYPE, Codec, Encoded
from concord_contracts.encryption import Keyrings
from concord_contracts.envelope import Event, new_event
from concord_contracts.errors import BadMessage, UnwritableMessage

__all__ = [
    "CATALOGUE",
    "CONTENT_TYPE",
    "BadMessage",
    "Codec",
    "Encoded",
    "Event",
    "Keyrings",
    "MessageType",
    "UnwritableMessage",
    "message_type",
    "new_event",
    "type_of",
]
