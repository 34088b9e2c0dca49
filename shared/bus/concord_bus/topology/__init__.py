"""The broker's exchanges, queues, policies and logins: declared once, applied by one command."""

from concord_bus.topology.declared import DEAD_EXCHANGE, LOG, SERVICES, Queue, ServiceTopology, queues_of
from concord_bus.topology.definitions import definitions
from concord_bus.topology.management import ManagementError, apply

__all__ = [
    "DEAD_EXCHANGE",
    "LOG",
    "SERVICES",
    "ManagementError",
    "Queue",
    "ServiceTopology",
    "apply",
    "definitions",
    "queues_of",
]
