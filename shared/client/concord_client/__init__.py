"""A client to follow Concord's events from another city service. See README.md beside this package."""

from concord_client.asyncio_subscriber import AsyncSubscriber
from concord_client.dead_letters import DeadLetter, DeadLetterFolder
from concord_client.deduplication import SeenIds, SeenWindow
from concord_client.errors import BadMessage, ContractsMissing, Refused
from concord_client.event import Event
from concord_client.replay import Replay
from concord_client.retry import Retry
from concord_client.subscriber import Subscriber
from concord_client.tls import Tls

__all__ = [
    "AsyncSubscriber",
    "BadMessage",
    "ContractsMissing",
    "DeadLetter",
    "DeadLetterFolder",
    "Event",
    "Refused",
    "Replay",
    "Retry",
    "SeenIds",
    "SeenWindow",
    "Subscriber",
    "Tls",
]
