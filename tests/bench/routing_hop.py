"""The routing hop: from a sealed concern in routing's queue to its confirmed events, beside the same on stock nameko.

Ours: messages lie in the queue, then `concord serve routing` is started; it opens each, locates, decides, writes case,
two promises, inbox and outbox to its database, and publishes where it went to three work queues and the log, and both
promises, in one event, to metrics and the log. Time runs from the first message taken to the last event confirmed by
the broker (it lies in the queue of metrics); start-up is not counted.

The baseline is generous: the message is in the clear, nothing is validated, no database is written, a duplicate would
be routed twice, and there is no log. Stock settings: `event_handler`, `EventDispatcher` with confirms, ten workers; the
events go to the queues of the same services as ours do. Both read the same records, use the same rules, share the
machine with the same broker, and take turns.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from broker import Broker
from concerns import events_of_routing, in_the_clear, sealed
from figures import Figure, run, say
from programs import Program
from stage import CITY, Stage, stage

MESSAGES = 60_000
ROUNDS = 3
SECONDS = 240
STOCK_QUEUE = "evt-intake-concern_submitted--routing.take"
STOCK_LISTENERS = tuple(f"evt-routing-concern_routed--{each}.take" for each in ("intake", "notification", "metrics"))


@dataclass(frozen=True, slots=True)
class Hop:
    """One run: wall-clock and CPU seconds for `messages` messages."""

    messages: int
    seconds: float
    cpu: float
    parts_cpu: float
    batch: float = 1.0

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu / self.messages * 1e6

    @property
    def parts_us(self) -> float:
        return self.parts_cpu / self.messages * 1e6


def ours(on: Stage, messages: int) -> Hop:
    with on.broker() as broker:
        broker.fill("routing.submitted", sealed(messages, on.keys), "application/cloudevents+json")
        with on.service("routing", broker) as routing:
            hop = timed(on, broker, routing, ("routing.submitted", "metrics.events"), messages)
            routing.await_ready()
            batch = routing.metric("concord_bus_batch_size_sum") / routing.metric("concord_bus_batch_size_count")
            return Hop(hop.messages, hop.seconds, hop.cpu, hop.parts_cpu, batch)


def stock(on: Stage, messages: int) -> Hop:
    with on.broker(concord=False) as broker:
        declare_stock(broker)
        broker.fill(STOCK_QUEUE, in_the_clear(messages), "application/json")
        env = {"BENCH_BROKER_URL": broker.url(), "CONCORD_CITY": str(CITY)}
        with on.program("stock-routing", ["-m", "stock", "routing"], env) as routing:
            return timed(on, broker, routing, (STOCK_QUEUE, STOCK_LISTENERS[-1]), messages)


def declare_stock(broker: Broker) -> None:
    """What nameko declares when a service starts: this one, and three that listen to it."""
    broker.listen(STOCK_QUEUE, "intake.events", "concern_submitted")
    for queue in STOCK_LISTENERS:
        broker.listen(queue, "routing.events", "concern_routed")
    broker.listen(STOCK_LISTENERS[-1], "routing.events", "promise_made")


def timed(on: Stage, broker: Broker, program: Program, queues: tuple[str, str], messages: int) -> Hop:
    """From the first message taken out of the first queue until all that is told of them lies in the second."""
    source, target = queues
    events = events_of_routing(messages)
    begun = time.monotonic()

    def taken() -> bool:
        nonlocal begun
        if broker.ready(source) < messages:
            return True
        begun = time.monotonic()
        return False

    program.await_(taken, every=0.005)
    before = program.cpu, sum(on.parts_cpu().values())
    ended = broker.await_(lambda: broker.ready(target) >= events, SECONDS)
    cpu, parts = program.cpu - before[0], sum(on.parts_cpu().values()) - before[1]
    return Hop(messages, ended - begun, cpu, parts)


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    messages = 4_000 if options.quick else options.messages
    rounds = 1 if options.quick else options.rounds
    runs: dict[str, list[Hop]] = {"Concord": [], "stock nameko": []}
    with stage(postgres=options.postgres) as on:
        for turn in range(rounds):
            for name, hop, number in (("Concord", ours, messages), ("stock nameko", stock, messages // 10)):
                done = hop(on, number)
                runs[name].append(done)
                say(f"  round {turn + 1}, {name}: {done.rate:,.0f}/s, {done.cpu_us:.0f} µs CPU a message")
    return figures(runs["Concord"], runs["stock nameko"])


def figures(our: Sequence[Hop], base: Sequence[Hop]) -> list[Figure]:
    def middle(hops: Sequence[Hop], of: Callable[[Hop], float]) -> float:
        return median(map(of, hops))

    rate, base_rate = middle(our, lambda hop: hop.rate), middle(base, lambda hop: hop.rate)
    cpu, base_cpu = middle(our, lambda hop: hop.cpu_us), middle(base, lambda hop: hop.cpu_us)
    spread = (
        f"{len(our)} runs of {our[0].messages:,}, {min(h.rate for h in our):,.0f} to {max(h.rate for h in our):,.0f}"
    )
    base_spread = f"{min(h.rate for h in base):,.0f} to {max(h.rate for h in base):,.0f}; stock nameko, at-least-once"
    return [
        Figure("routing hop", rate, "messages/s", note=spread),
        Figure("routing hop, baseline", base_rate, "messages/s", note=base_spread),
        Figure("routing hop, times the baseline", rate / base_rate, "x", target=6, note="aim: 8"),
        Figure("routing hop, messages in a batch", middle(our, lambda hop: hop.batch), ""),
        Figure("routing hop, CPU of the service", cpu, "µs/message", note=f"baseline {base_cpu:.0f}"),
        Figure(
            "routing hop, CPU of broker and database",
            middle(our, lambda hop: hop.parts_us),
            "µs/message",
            note=f"SQLite's counts with the service; baseline {middle(base, lambda hop: hop.parts_us):.0f}",
        ),
        Figure("routing hop, CPU of the service, baseline over ours", base_cpu / cpu, "x"),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--messages", type=int, default=MESSAGES, help=f"in one run (default: {MESSAGES})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each (default: {ROUNDS})")


if __name__ == "__main__":
    run("Routing hop", measure, __doc__, _options)
