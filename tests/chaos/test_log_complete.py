"""Kills and orderly restarts of the broker under load: afterwards the log holds every public event.

CONCORD_CHAOS_RESTARTS=n makes n kills and n orderly restarts (3 without it). Twins in `make test`: the wait for the
log in tests/unit/bus/test_log_gate.py, and the log that is away in tests/integration/bus/test_refused.py.
"""

import os
import random
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bus_broker import channel
from bus_probe import ProbeProcess
from bus_stage import Ledger, Stage, staged
from bus_waiting import eventually
from orjson import loads

from concord_bus.adapters.amqp.stream_reader import StreamReader
from concord_bus.settings import BrokerAddress
from concord_nodes import RabbitNode

RESTARTS = int(os.environ.get("CONCORD_CHAOS_RESTARTS") or 3)
PUBLISHERS = 4
"""Processes that publish, each with its own database: the more relays connect, the likelier one meets the window."""
BATCH = 10
EVERY_SECONDS = 0.05
GAPS = (0.2, 1.5)
"""Seconds between the broker's return and its next end."""


class Load(threading.Thread):
    """Has a probe publish all the time, whether or not the broker is there; private messages are among them."""

    def __init__(self, probe: ProbeProcess, name: str) -> None:
        super().__init__(daemon=True, name=name)
        self._probe = probe
        self._ended = threading.Event()
        self.public: list[str] = []

    def run(self) -> None:
        number = 0
        while not self._ended.wait(EVERY_SECONDS):
            number += 1
            with suppress(TimeoutError):
                self.public += self._probe.publish("received", f"{self.name}-{number}", BATCH)
                self._probe.publish("submitted", f"{self.name}-{number}", 3)

    def end(self) -> list[str]:
        self._ended.set()
        self.join(30)
        return self.public


def test_the_log_is_complete_after_kills_and_restarts_of_the_broker(rabbit_own: RabbitNode, tmp_path: Path) -> None:
    node, chance = rabbit_own, random.Random(RESTARTS)
    pause = threading.Event()
    ends = [node.kill, node.stop] * RESTARTS
    with staged(node, tmp_path) as stage:
        magnify(stage)
        urls = [f"sqlite:///{tmp_path / f'publisher-{number}.db'}" for number in range(PUBLISHERS)]
        probes = [stage.probe(url, service="intake").start() for url in urls]
        load_threads = [Load(probe, f"p{number}") for number, probe in enumerate(probes)]
        for load in load_threads:
            load.start()
        for end in ends:
            pause.wait(chance.uniform(*GAPS))
            end()
            node.start()
            for probe in probes:
                probe.await_ready(60)
        published = [event for load in load_threads for event in load.end()]
        for url in urls:
            eventually(Ledger(url).counter("outbox"), 0, 120)
        copies = logged(stage.url)
    missing = set(published) - set(copies)
    again = sum(copies.values()) - len(copies)
    print(f"{len(ends)} ends of the broker, {len(published)} events, {len(missing)} missing, {again} copies")
    assert len(published) > BATCH * len(ends)
    assert missing == set()


def magnify(stage: Stage) -> None:
    """Put a classic queue in the place of the quorum queue: its leader's election would hide most of the window."""
    with channel(stage.url) as administrator:
        administrator.queue_delete("metrics.events")
        administrator.queue_declare("beside", durable=True, arguments={"x-max-length": 1000})
        administrator.queue_bind("beside", "concord.events", "concern.received.v1.#")


def logged(url: str) -> Counter[str]:
    reader = StreamReader(BrokerAddress.parse(url), "test", "concord.log")
    try:
        return Counter(loads(body)["id"] for _, body in reader.read("first", quiet=2) if body)
    finally:
        reader.close()
