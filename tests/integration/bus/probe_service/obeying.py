"""The handlers: the effect first, so that what then goes wrong must take it back."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from concord_bus.domain.errors import ParkMessage, ResourceUnavailable
from concord_bus.unit_of_work import OpenWork
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernRouted
from probe_service.tables import ProbeStore

attempts: Counter[str] = Counter()
die_before_ack = False


def take_submitted(events: Sequence[Event[Any]], work: OpenWork[ProbeStore]) -> None:
    """Records every event, tells that it was routed, and does what its description orders."""
    work.store.record(events)
    for event in events:
        obey(event)
        work.publish(routed(event, work))


def take_routed(events: Sequence[Event[Any]], work: OpenWork[ProbeStore]) -> None:
    """Records every event."""
    work.store.record(events)


def routed(event: Event[Any], work: OpenWork[ProbeStore]) -> Event[ConcernRouted]:
    data = ConcernRouted(
        concern_id=event.data.concern_id,
        case_id=f"case of {event.id}"[:64],
        category=event.data.category,
        area="A1",
        team="t1",
        team_name="Team 1",
        channel=event.data.channel,
        border=False,
        received_at=event.data.received_at,
        routed_at=work.now,
        acknowledge_by=work.now,
        respond_by=work.now,
    )
    return new_event(data, sequence=event.sequence, time=work.now, cause=event)


def obey(event: Event[Any]) -> None:
    """Do what the description orders, a JSON object; any other text orders nothing."""
    if not event.data.description.startswith("{"):
        return
    order = json.loads(event.data.description)
    attempts[event.id] += 1
    first_times = attempts[event.id] <= order.get("times", 10**9)
    if order["do"] == "raise" and first_times:
        raise RuntimeError("as ordered")
    if order["do"] == "park":
        raise ParkMessage("as ordered")
    if order["do"] == "slow down" and first_times:
        raise ResourceUnavailable("probe's resource")
    if order["do"] == "kill" and attempts[event.id] > order.get("after", 0):
        end()
    if order["do"] == "raise then kill":
        if os.path.exists(order["mark"]):
            end()
        with open(order["mark"], "w"):
            raise RuntimeError("as ordered, once")
    if order["do"] == "sleep":
        time.sleep(order["seconds"])
    if order["do"] == "die before ack":
        global die_before_ack
        die_before_ack = True


def taken() -> None:
    """After the commit, before the acknowledgement."""
    if die_before_ack:
        end()


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
