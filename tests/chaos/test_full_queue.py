"""A queue stays full for ten minutes while services publish: the log holds each event at most three times.

CONCORD_CHAOS_FULL_SECONDS sets another time. The twin in `make test` is in tests/integration/bus/test_refused.py.
"""

import os
import threading
import time
from pathlib import Path
from urllib.parse import quote

from bus_stage import Ledger, staged
from bus_waiting import eventually

from concord_nodes import RabbitNode

from .test_log_complete import logged

SECONDS = float(os.environ.get("CONCORD_CHAOS_FULL_SECONDS") or 600)
EVERY_SECONDS = 5.0
BATCH = 20
MOST_COPIES = 3
LONGEST_REST = 660.0
"""A row that was tried three times rests ten minutes, also when the queue has room again."""
FULL = {
    "pattern": "^metrics.events$",
    "definition": {"max-length": 1, "overflow": "reject-publish"},
    "priority": 9,
    "apply-to": "queues",
}


def test_a_queue_full_for_ten_minutes_multiplies_nothing(rabbit: RabbitNode, tmp_path: Path) -> None:
    pause = threading.Event()
    with staged(rabbit, tmp_path) as stage:
        policy = f"/api/policies/{quote(stage.vhost)}/full"
        stage.node.management.call("PUT", policy, FULL)
        probe = stage.probe(service="intake").start()
        ledger = Ledger(probe.database)
        published = probe.publish("received", "filler", 3)
        private = 0
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            published += probe.publish("received", f"r{private}", BATCH)
            probe.publish("submitted", f"s{private}", 1)
            private += 1
            eventually(lambda: stage.depth("routing.submitted"), private, 30)  # others are not held
            pause.wait(EVERY_SECONDS)
        assert probe.reasons() == []
        during = logged(stage.url)
        stage.node.management.call("DELETE", policy)
        eventually(ledger.counter("outbox"), 0, LONGEST_REST)
        copies = logged(stage.url)
        print(
            f"full for {SECONDS:.0f} s: {len(published)} events, at most {max(during.values())} copies of one; "
            f"in the end at most {max(copies.values())}, {sum(copies.values()) - len(copies)} more than events"
        )
        assert set(copies) == set(published)
        assert max(during.values()) <= MOST_COPIES
        assert max(copies.values()) <= MOST_COPIES + 1
        assert stage.depth("metrics.events") >= len(published) - 1
