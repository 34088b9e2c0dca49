"""`concord topology apply` takes old bindings away, and nothing else."""

from typing import Any

from click.testing import CliRunner
from service_process import prepare

from concord_bus.topology.declarations import bindings_at_will
from concord_cli.commands import concord


def bound(vhost: Any) -> set[tuple[str, str, str]]:
    rows = vhost.node.management.call("GET", f"/api/bindings/{vhost.name}")
    return {(row["source"], row["destination"], row["routing_key"]) for row in rows if row["source"]}


def bind(vhost: Any, source: str, queue: str, key: str, **arguments: Any) -> None:
    body = {"routing_key": key, "arguments": arguments}
    vhost.node.management.call("POST", f"/api/bindings/{vhost.name}/e/{source}/q/{queue}", body)


def apply_to(vhost: Any, *options: str) -> str:
    call = ["topology", "apply", "--management", vhost.node.management_login, "--vhost", vhost.name, *options]
    return CliRunner().invoke(concord, call, catch_exceptions=False).output


def test_old_bindings_are_taken_away_unless_they_are_to_stay(vhost: Any) -> None:
    prepare(vhost)
    at_will = next(iter(bindings_at_will()))
    bind(vhost, *at_will)
    vhost.node.management.call("PUT", f"/api/queues/{vhost.name}/sub.parks.events", {"durable": True})
    bind(vhost, "concord.events", "sub.parks.events", "concern.old.v0.#")
    before = bound(vhost)
    bind(vhost, "concord.events", "routing.submitted", "concern.old.v0/*.#")
    bind(vhost, "concord.events", "routing.submitted", "concern.old.v0/*.#", n=1)

    assert "Removed" not in apply_to(vhost, "--keep-bindings")
    assert bound(vhost) > before
    removed = "Removed the old binding concord.events → routing.submitted (concern.old.v0/*.#)."
    assert apply_to(vhost).count(removed) == 2
    assert bound(vhost) == before >= {at_will}
    assert "Removed" not in apply_to(vhost)
