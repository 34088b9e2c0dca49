"""The bindings of the services' queues that no declaration has any more. They bring messages that nobody handles."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from concord_bus.topology.declarations import bindings_at_will
from concord_http.rabbitmq_management import RabbitManagement

Row = Mapping[str, Any]
BindingKey = tuple[str, str, str, str]
"""Exchange, queue, routing key, and the arguments as JSON. They tell bindings apart, even where an exchange ignores
them."""
NO_ARGUMENTS = "{}"


def binding_key(row: Row) -> BindingKey:
    """Return what the broker tells bindings apart by."""
    arguments = json.dumps(row.get("arguments") or {}, sort_keys=True)
    return row["source"], row["destination"], row["routing_key"], arguments


def old_bindings(declared: Mapping[str, Any], live: Iterable[Row]) -> list[Row]:
    """Return the rows of `live` to remove, in the order of their keys.

    `declared` is the document of `definitions`. A service binds some of its queues itself: those bindings stay, and so
    does everything about queues of others.
    """
    wanted = {binding_key(row) for row in declared["bindings"]} | {(*at, NO_ARGUMENTS) for at in bindings_at_will()}
    own = {queue["name"] for queue in declared["queues"]}
    found = [row for row in live if row["source"] and row["destination"] in own and binding_key(row) not in wanted]
    return sorted(found, key=binding_key)


def remove_old_bindings(management: RabbitManagement, declared: Mapping[str, Any], vhost: str) -> Sequence[Row]:
    """Remove the old bindings of a virtual host, and return them. Raises ManagementError."""
    host = quote(vhost, safe="")
    old = old_bindings(declared, management.call("GET", f"/api/bindings/{host}"))
    for row in old:
        source, queue, key = (quote(row[name], safe="") for name in ("source", "destination", "properties_key"))
        management.call("DELETE", f"/api/bindings/{host}/e/{source}/q/{queue}/{key}")
    return old
