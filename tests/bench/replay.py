"""Replay: how fast `concord replay metrics` rebuilds the measures from the stream, beside the running service.

Each concern has eight events: taken in, routed, two promises made together, one kept and one missed, acknowledged,
resolved and told of it. The rate is that of the command: from finding the end of the stream to the switch.
"""

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from broker import Broker
from figures import Figure, run, say
from programs import plain_environment
from stage import ROOT, stage

from concord_contracts import CONTENT_TYPE, Codec, Event, Keyrings

sys.path.insert(0, str(ROOT / "tests" / "unit" / "metrics"))
import metric_events as told

CONCERNS = 23_000
TARGET = 20_000
SECONDS = 300.0
WORDS = re.compile(r"from ([\d,]+) events in ([\d.]+) s")
"""What the command says at its end."""


def events(concerns: int) -> Iterator[Event[Any]]:
    for number in range(concerns):
        concern, came = f"c{number}", {"received_at": told.AT - timedelta(minutes=number)}
        area = ("B2", "C6", "D4", "E13")[number % 4]
        yield told.received(concern, **came)
        yield told.routed(concern, area=area, team=area.lower(), **came)
        promises = told.promised(f"{concern}-a"), told.promised(f"{concern}-r", "response")
        yield told.made_together(*promises, concern=concern)
        yield told.acknowledged(concern, 3, **came)
        yield told.kept(f"{concern}-a", 4, concern)
        yield told.missed(f"{concern}-r", 5, concern, promise="response")
        yield told.resolved(concern, 6, **came)
        yield told.delivered(concern, notice="resolved")


def messages(concerns: int) -> Iterator[tuple[str, str, bytes]]:
    encode = Codec(Keyrings({})).encode
    for each in map(encode, events(concerns)):
        yield each.exchange, each.routing_key, each.body


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    concerns = 1_000 if options.quick else options.concerns
    with stage(postgres=options.postgres) as on, on.broker() as broker:
        total = broker.fill("metrics.events", messages(concerns), CONTENT_TYPE)
        url = on.database("metrics")
        with on.service("metrics", broker, CONCORD_DATABASE_URL=url) as metrics:
            metrics.await_ready()
            began = time.monotonic()
            broker.await_(lambda: broker.ready("metrics.events") == 0, SECONDS)
            live = total / (time.monotonic() - began)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            rates = [rebuild(broker, url) for _ in range(1 if options.quick else 3)]
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    note = f"best of {len(rates)}, {min(rates):,.0f} to {max(rates):,.0f}; {total:,} events"
    return [
        Figure("replay into metrics", max(rates), "events/s", target=TARGET, note=note),
        Figure(
            "CPU of the replay", spent / len(rates) / total * 1e6, "µs/event", note="all its processes, their start too"
        ),
        Figure("live into metrics", live, "events/s", note="by one process, with inbox"),
    ]


def rebuild(broker: Broker, database: str) -> float:
    """Events a second of one run of the command."""
    command = [sys.executable, "-W", "ignore", "-m", "concord_cli", "replay", "metrics"]
    command += ["--broker", broker.url(), "--database", database]
    done = subprocess.run(
        command, env=plain_environment(), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = WORDS.search(done.stdout)
    if found is None:
        raise RuntimeError(done.stderr)
    say(f"  {done.stdout.strip()}")
    return int(found[1].replace(",", "")) / float(found[2])


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concerns", type=int, default=CONCERNS, help="concerns with eight events each")


if __name__ == "__main__":
    run("Replay", measure, __doc__, options)
