"""The broker's exchanges, queues, policies and logins: one declaration, applied by one command."""

from concord_bus.topology.declarations import (
    DEAD_EXCHANGE,
    LOG,
    MONITOR,
    SERVICES,
    WEBHOOKS,
    Queue,
    ServiceTopology,
    bindings_at_will,
    key_for,
    queues_of,
)
from concord_bus.topology.definitions import definitions
from concord_bus.topology.grants import Grant, InvalidGrant, Limits
from concord_bus.topology.subscriber_admin import LoginTaken, Subscriber, Subscribers

__all__ = [
    "DEAD_EXCHANGE",
    "LOG",
    "MONITOR",
    "SERVICES",
    "WEBHOOKS",
    "Grant",
    "InvalidGrant",
    "Limits",
    "LoginTaken",
    "Queue",
    "ServiceTopology",
    "Subscriber",
    "Subscribers",
    "bindings_at_will",
    "definitions",
    "key_for",
    "queues_of",
]
