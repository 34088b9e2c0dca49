"""A subscriber: events a second that one process of another city service receives, handles and acknowledges.

Events lie in its quorum queue when it starts; the login is one of least privilege, the client that of the guide. Its
handler does nothing. The plain consumer beside it is pika alone: the event is not read, copies are not dropped, each is
acknowledged by itself.
"""

import argparse
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from broker import Broker
from figures import HERE, Figure, run, say
from programs import plain_environment
from stage import Stage, stage

from concord_bus.topology.grants import Grant, Limits
from concord_bus.topology.subscriber_admin import Subscriber, Subscribers

EVENTS = 100_000
ROUNDS = 3
SECONDS = 300.0
GRANT = Grant("parks", ("concern.routed.v1",), ("B2", "B3"), ("graffiti",), limits=Limits(messages=1_000_000))
EXAMPLE = (HERE.parent / "contract" / "examples" / "concern.routed.v1.json").read_text("utf-8")
KEY = "concern.routed.v1.B2.graffiti"
PROGRAM = HERE / "subscriber_process.py"
CLIENT, PLAIN = "client", "plain"


@dataclass(frozen=True, slots=True)
class Received:
    """One run: wall-clock and CPU seconds for `events` events."""

    events: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu / self.events * 1e6


def events(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Real events that differ in their ids."""
    for number in range(count):
        yield "concord.events", KEY, EXAMPLE.replace('"id": "', f'"id": "{number}-', 1).encode()


def receive(on: Stage, broker: Broker, url: str, kind: str, count: int) -> Received:
    queue = GRANT.queue_names[0]
    broker.channel.queue_purge(queue)
    broker.fill(queue, events(count), "application/cloudevents+json")
    command = [sys.executable, "-W", "ignore", str(PROGRAM), kind, url, queue, str(count)]
    done = subprocess.run(
        command, cwd=on.folder, env=plain_environment(), capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return Received(count, *map(float, done.stdout.split()))


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    count, rounds = (5_000, 1) if options.quick else (options.events, options.rounds)
    runs: dict[str, list[Received]] = {CLIENT: [], PLAIN: []}
    with stage(postgres=False) as on, on.broker() as broker:
        secret = secrets.token_urlsafe(16)
        Subscribers(on.management, broker.name).add(Subscriber(GRANT, "2026-03-01", "2026-03-01"), secret)
        url = on.login(GRANT.name, secret, broker)
        for turn in range(rounds):
            for kind, done in runs.items():
                done.append(receive(on, broker, url, kind, count))
                say(f"  round {turn + 1}, {kind}: {done[-1].rate:,.0f}/s, {done[-1].cpu_us:.0f} µs CPU an event")
    return figures(runs[CLIENT], runs[PLAIN])


def figures(our: Sequence[Received], plain: Sequence[Received]) -> list[Figure]:
    spread = f"{len(our)} runs of {our[0].events:,}, {min(e.rate for e in our):,.0f} to {max(e.rate for e in our):,.0f}"
    rate, cpu = median(each.rate for each in our), median(each.cpu_us for each in our)
    return [
        Figure("subscriber, one process", rate, "events/s", target=10_000, note=spread),
        Figure("subscriber, CPU of the process", cpu, "µs/event"),
        Figure("subscriber, pika alone", median(each.rate for each in plain), "events/s", note="events not read"),
        Figure("subscriber, pika alone, CPU", median(each.cpu_us for each in plain), "µs/event"),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=EVENTS, help=f"in one run (default: {EVENTS})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each (default: {ROUNDS})")


if __name__ == "__main__":
    run("Subscriber", measure, __doc__, _options)
