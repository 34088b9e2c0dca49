"""Old bindings are those of the services' queues that no declaration has."""

from typing import Any

from concord_bus.topology.declarations import bindings_at_will
from concord_bus.topology.definitions import definitions
from concord_bus.topology.old_bindings import old_bindings

DECLARED = definitions({})


def row(source: str, queue: str, key: str, **arguments: Any) -> dict[str, Any]:
    return {"source": source, "destination": queue, "routing_key": key, "arguments": arguments}


def test_what_is_declared_or_made_at_run_time_or_of_others_stays() -> None:
    source, queue, key = next(iter(bindings_at_will()))
    kept = [
        *DECLARED["bindings"],
        row(source, queue, key),
        row("", "routing.submitted", "routing.submitted"),
        row("concord.events", "sub.parks.events", "concern.#"),
    ]
    assert old_bindings(DECLARED, kept) == []


def test_an_old_key_and_old_arguments_of_a_services_queue_are_found_in_order() -> None:
    declared = DECLARED["bindings"][0]
    old = [
        row("concord.events", "routing.submitted", "concern.received.v0.#"),
        row(declared["source"], declared["destination"], declared["routing_key"], n=1),
    ]
    assert sorted(map(str, old_bindings(DECLARED, [*DECLARED["bindings"], *old]))) == sorted(map(str, old))
