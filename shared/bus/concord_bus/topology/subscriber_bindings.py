"""The bindings of a subscriber's queues against its grant. Pure.

The broker keeps bindings apart by their arguments too, which a topic exchange ignores. So one routing key may bind a
queue any number of times, and each of these bindings has to go for its events to stop.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concord_bus.topology.grants import Grant
from concord_contracts.catalogue import PUBLIC_EXCHANGE

MAX_OWN_BINDINGS = 100
"""Bindings that a subscriber may add to those of one queue, such as narrower ones. RabbitMQ itself has no limit."""
Row = Mapping[str, Any]
"""A binding as the management API lists it."""


def is_granted(binding: Row, grant: Grant) -> bool:
    """Return whether it is one of the bindings that the operator makes: source, key and arguments alike."""
    return (
        binding["source"] == PUBLIC_EXCHANGE
        and binding["routing_key"] in grant.keys
        and not binding.get("arguments")
        and binding.get("destination_type", "queue") == "queue"
    )


def surplus(bindings: Iterable[Row], grant: Grant) -> list[Row]:
    """Return the bindings of one queue that the operator did not make. The default exchange's is no binding to undo."""
    return [binding for binding in bindings if binding["source"] and not is_granted(binding, grant)]


def missing(bindings: Iterable[Row], grant: Grant) -> set[str]:
    """Return the routing keys of the grant by which the queue is not bound."""
    return set(grant.keys) - {binding["routing_key"] for binding in bindings if is_granted(binding, grant)}


def is_exact(bindings: Sequence[Row], grant: Grant) -> bool:
    """Return whether the queue has all bindings of the grant and no other."""
    return not surplus(bindings, grant) and not missing(bindings, grant)
