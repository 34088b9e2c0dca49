"""The probe under the name of a real service, whose queues and login it uses."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import eventlet

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.retry import RetryPolicy
from concord_bus.extensions.bus import Bus, consume
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.settings import BusSettings
from concord_bus.topology.declarations import queues_of
from probe_service import obeying
from probe_service.page import Page
from probe_service.tables import ProbeStore

HANDLERS: Mapping[str, Mapping[str, Any]] = {
    "routing": {"concern.submitted.v1": obeying.take_submitted},
    "intake": {"concern.routed.v1": obeying.take_routed, "concern.unroutable.v1": obeying.take_routed},
}


class Probe:
    name = "probe"
    bus = Bus()
    page = Page()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: Sequence[Delivery]) -> None:
        self.bus.take(deliveries)
        obeying.taken()


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """Listens at once, so that the port is taken before anything else can go wrong."""
    name = env["PROBE_SERVICE"]
    policy = RetryPolicy(**json.loads(env.get("PROBE_POLICY", "{}")))
    runtime = BusRuntime(name, BusSettings.from_env(env), HANDLERS[name], ProbeStore, queues_of(name), policy=policy)
    socket = eventlet.listen(("127.0.0.1", int(env["PROBE_PORT"])))
    return ServiceDefinition(Probe, "probe_service", {"bus": runtime, "socket": socket})
