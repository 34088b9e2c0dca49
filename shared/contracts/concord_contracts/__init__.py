"""Concord's contracts: what travels between the services, and how it is written down.

`catalogue` lists every message type; `event` is the envelope around one; `codec` reads and writes it as
CloudEvents 1.0 structured JSON; `sealing` encrypts what is private.
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
