"""The declared topology as RabbitMQ's definitions document, which the broker can import."""

import base64
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from concord_bus.topology.declarations import (
    DEAD_EXCHANGE,
    DEADLY,
    LOG,
    LOG_MARKER_EXCHANGE,
    MONITOR,
    PUBLIC_TYPES,
    SERVICES,
    Queue,
    ServiceTopology,
)
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

DELIVERY_LIMIT = 200
"""A last resort: the service itself detects and parks a message that kills the process after a few deliveries."""

KEEPING_LIMIT = 1_000_000
"""For the queue of deadly messages, which has no further one. RabbitMQ 4 would delete them after 20 redeliveries."""
DEADLY_LENGTH = 100_000
DEADLY_MS = 30 * 24 * 3600 * 1000
"""Age at which the broker deletes a deadly message, in milliseconds: that of the log."""
SUBSCRIBER_QUEUES = r"^sub\..*(?<!\.replay)$"
QUEUE_LENGTH = 2_000_000
LOG_AGE = "30D"
LOG_BYTES = 20_000_000_000
NOTHING = "^$"
EXCHANGES = {
    PUBLIC_EXCHANGE: "topic",
    PRIVATE_EXCHANGE: "topic",
    DEAD_EXCHANGE: "direct",
    DEADLY: "headers",
    LOG_MARKER_EXCHANGE: "fanout",
}


def definitions(passwords: Mapping[str, str], vhost: str = "/") -> dict[str, Any]:
    """Return the document for `vhost`. `passwords` has a password for each service, by its name, and for MONITOR."""
    services = list(SERVICES.values())
    known = [service for service in services if service.name in passwords]
    monitor = [MONITOR] if MONITOR in passwords else []
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {"name": name, "vhost": vhost, "type": kind, "durable": True, "auto_delete": False, "arguments": {}}
            for name, kind in EXCHANGES.items()
        ],
        "queues": [queue_document(name, {"x-queue-type": kind}, vhost) for name, kind in _queues(services)],
        "bindings": [*(binding_document(*binding, vhost) for binding in _bindings(services)), _deadly_binding(vhost)],
        "policies": [
            *(_work_policy(service, vhost) for service in services),
            *_last_policies(vhost),
            _log_policy(vhost),
        ],
        "users": [
            *(login(service.name, passwords[service.name]) for service in known),
            *(login(name, passwords[name], "monitoring") for name in monitor),
        ],
        "permissions": [
            *(_permission(service, vhost) for service in known),
            *(_rights(name, vhost, write=NOTHING, read=NOTHING) for name in monitor),
        ],
        "topic_permissions": [
            _topic_permission(service, exchange, vhost)
            for service in known
            for exchange in (PUBLIC_EXCHANGE, PRIVATE_EXCHANGE)
        ],
    }


def _queues(services: list[ServiceTopology]) -> list[tuple[str, str]]:
    work = [(queue.name, "quorum") for service in services for queue in service.queues]
    return [*work, *((service.dead, "quorum") for service in services), (DEADLY, "quorum"), (LOG, "stream")]


def queue_document(name: str, arguments: Mapping[str, Any], vhost: str) -> dict[str, Any]:
    return {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": dict(arguments)}


def _bindings(services: list[ServiceTopology]) -> list[tuple[str, str, str]]:
    queues: list[Queue] = [queue for service in services for queue in service.queues]
    work = [(queue.exchange, queue.name, key) for queue in queues for key in queue.keys]
    dead = [(DEAD_EXCHANGE, service.dead, service.name) for service in services]
    dead.append((DEAD_EXCHANGE, DEADLY, DEADLY))
    log = [*((PUBLIC_EXCHANGE, LOG, f"{name}.#") for name in PUBLIC_TYPES), (LOG_MARKER_EXCHANGE, LOG, "")]
    return [*work, *dead, *log]


def binding_document(exchange: str, queue: str, key: str, vhost: str) -> dict[str, Any]:
    target = {"destination": queue, "destination_type": "queue", "routing_key": key}
    return {"source": exchange, "vhost": vhost, "arguments": {}, **target}


def _deadly_binding(vhost: str) -> dict[str, Any]:
    """Return the binding for what ended at the limit. Events that expired or made room go nowhere."""
    arguments = {"x-match": "all-with-x", "x-first-death-reason": "delivery_limit"}
    return {**binding_document(DEADLY, DEADLY, "", vhost), "arguments": arguments}


def _work_policy(service: ServiceTopology, vhost: str) -> dict[str, Any]:
    names = "|".join(re.escape(queue.name) for queue in service.queues)
    definition = {
        "delivery-limit": DELIVERY_LIMIT,
        "dead-letter-exchange": DEAD_EXCHANGE,
        "dead-letter-routing-key": service.name,
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
        "max-length": QUEUE_LENGTH,
    }
    return policy(f"concord-{service.name}", f"^({names})$", definition, vhost)


def _last_policies(vhost: str) -> list[dict[str, Any]]:
    """Return limits for queues of subscribers and dead-letter queues. RabbitMQ 4 has one of 20 and keeps nothing.

    A subscriber's queue must not refuse an event, which at-least-once dead-lettering would need.
    """
    at_least_once = {"dead-letter-strategy": "at-least-once", "overflow": "reject-publish"}
    dead = {"dead-letter-exchange": DEAD_EXCHANGE, "dead-letter-routing-key": DEADLY, **at_least_once}
    kept = {"message-ttl": DEADLY_MS, "max-length": DEADLY_LENGTH, "overflow": "reject-publish"}
    names = "|".join(SERVICES)
    return [
        policy(
            "concord-subscribers",
            SUBSCRIBER_QUEUES,
            {"delivery-limit": DELIVERY_LIMIT, "dead-letter-exchange": DEADLY},
            vhost,
        ),
        policy("concord-dead", rf"^({names})\.dead$", {"delivery-limit": DELIVERY_LIMIT, **dead}, vhost),
        policy("concord-deadly", f"^{re.escape(DEADLY)}$", {"delivery-limit": KEEPING_LIMIT, **kept}, vhost),
    ]


def _log_policy(vhost: str) -> dict[str, Any]:
    return policy("concord-log", f"^{re.escape(LOG)}$", {"max-age": LOG_AGE, "max-length-bytes": LOG_BYTES}, vhost)


def policy(name: str, pattern: str, definition: Mapping[str, Any], vhost: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": vhost,
        "pattern": pattern,
        "apply-to": "queues",
        "definition": definition,
        "priority": 1,
    }


def login(name: str, password: str, *tags: str) -> dict[str, Any]:
    salt = os.urandom(4)
    digest = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    return {
        "name": name,
        "password_hash": digest,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(tags),
        "limits": {},
    }


def _permission(service: ServiceTopology, vhost: str) -> dict[str, Any]:
    """Return the permission of a service: it configures nothing, and reads its own queues only.

    Each service may write markers to the log: its relay waits for the log to take one.

    To bind a queue, the broker requires the right to write to the queue and to read from the exchange. The topic
    permission limits the routing keys.
    """
    own = [*(queue.name for queue in service.queues), service.dead]
    bound = [queue for queue in service.queues if queue.at_will]
    exchanges = [exchange for exchange in (PUBLIC_EXCHANGE, PRIVATE_EXCHANGE) if service.publishes(exchange)]
    write = _exactly(*exchanges, LOG_MARKER_EXCHANGE, *(queue.name for queue in bound))
    read = _exactly(*own, *dict.fromkeys(queue.exchange for queue in bound))
    return _rights(service.name, vhost, write=write, read=read)


def _exactly(*names: str) -> str:
    return f"^({'|'.join(map(re.escape, names))})$" if names else NOTHING


def _rights(user: str, vhost: str, *, write: str, read: str) -> dict[str, Any]:
    return {"user": user, "vhost": vhost, "configure": NOTHING, "write": write, "read": read}


def _topic_permission(service: ServiceTopology, exchange: str, vhost: str) -> dict[str, Any]:
    bound = [kind for queue in service.queues if queue.exchange == exchange for kind in queue.at_will]
    return {
        "user": service.name,
        "vhost": vhost,
        "exchange": exchange,
        "write": _of_types(service.publishes(exchange)),
        "read": _of_types(bound),
    }


def _of_types(types: Sequence[str]) -> str:
    """Return a pattern with each noun and version once: the broker compiles it for nearly every message."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for name in types:
        noun, verb, version = name.split(".")
        grouped.setdefault((noun, version), []).append(verb)
    parts = (rf"{noun}\.({'|'.join(verbs)})\.{version}" for (noun, version), verbs in grouped.items())
    return rf"^({'|'.join(parts)})\." if types else NOTHING
