"""Intake: durable POSTs, alone and in batches, with the relay and the broker running beside it.

An answer 201 means that the concern, and the two messages about it, are committed. At saturation 64 clients keep one
connection each; at 300 a second requests are sent on time whatever comes back, and count from when they were due. While
it answers, intake's relay publishes to the broker; the figures say how far behind it is at the end.

The baseline is a stock nameko `@http` handler: the same marshmallow schema, one SQLite commit with synchronous=FULL for
each request, one `EventDispatcher` message with its confirm. It sends one message in the clear, ours two, one sealed.
"""

import argparse
import json
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from clients import load
from figures import Figure, percentile, run, say
from programs import Program, get
from stage import CITY, Service, Stage, stage

from concord_nodes.tcp_ports import free_port

CONNECTIONS = 64
DISTINCT = 2_000
PACE = 300
SECONDS = 8.0
ROUNDS = 2
BATCH = 30_000
DRAIN_SECONDS = 60.0


def saturated(on: Stage, program: Program, port: int, seconds: float) -> dict[str, float]:
    """Requests a second, CPU a request, and latencies in milliseconds."""
    load("saturate", port, connections=CONNECTIONS, seconds=1.0, distinct=DISTINCT)  # warm
    before = program.cpu, sum(on.parts_cpu().values())
    done = load("saturate", port, connections=CONNECTIONS, seconds=seconds, distinct=DISTINCT)
    cpu, parts = program.cpu - before[0], sum(on.parts_cpu().values()) - before[1]
    _complain(done)
    created = max(1, done["created"])
    return {
        "rate": created / done["elapsed"],
        "cpu_us": cpu / created * 1e6,
        "parts_us": parts / created * 1e6,
        "p99_ms": percentile(done["seconds"], 0.99) * 1000,
    }


def _complain(done: dict[str, Any]) -> None:
    if done["others"]:
        say(f"  not answered 201: {done['others']}")


def _outbox(intake: Service) -> int:
    return int(json.loads(intake.ledger())["outbox"])


def _drained(intake: Service) -> float:
    """Seconds until the relay has published all."""
    begun = time.monotonic()
    intake.await_(lambda: _outbox(intake) == 0, DRAIN_SECONDS, every=0.1)
    return time.monotonic() - begun


def ours(on: Stage, seconds: float, lines: int, *, all_modes: bool) -> dict[str, float]:
    with on.broker() as broker, on.service("intake", broker) as intake:
        intake.await_ready()
        found = saturated(on, intake, intake.port, seconds)
        found["behind"], found["drain_s"] = _outbox(intake), _drained(intake)
        if all_modes:
            found |= paced(intake, seconds) | batched(intake, lines)
        return found


def paced(intake: Service, seconds: float) -> dict[str, float]:
    done = load("paced", intake.port, rate=PACE, seconds=seconds, connections=CONNECTIONS)
    _complain(done)
    return {f"paced_p{each}_ms": percentile(done["seconds"], each / 100) * 1000 for each in (50, 99)}


def batched(intake: Service, lines: int) -> dict[str, float]:
    before = intake.cpu
    done = load("batch", intake.port, concerns=lines)
    if done["accepted"] != lines:
        say(f"  of {lines} lines {done['accepted']} were accepted: {done['status']}")
    cpu = intake.cpu - before
    return {
        "batch_rate": done["accepted"] / done["elapsed"],
        "batch_cpu_us": cpu / lines * 1e6,
        "batch_behind": _outbox(intake),
        "batch_drain_s": _drained(intake),
    }


def stock(on: Stage, seconds: float) -> dict[str, float]:
    with on.broker(concord=False) as broker:
        broker.listen("evt-intake-concern_submitted--routing.take", "intake.events", "concern_submitted")
        port = free_port()
        env = {
            "BENCH_BROKER_URL": broker.url(),
            "BENCH_DATABASE": str(on.folder / f"stock-{port}.db"),
            "BENCH_PORT": str(port),
            "CONCORD_CITY": str(CITY),
        }
        with on.program("stock-intake", ["-m", "stock", "intake"], env) as intake:
            intake.await_(lambda: get(port, "/")[0] == 404)
            return saturated(on, intake, port, seconds)


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    seconds = 2.0 if options.quick else options.seconds
    lines, rounds = (4_000, 1) if options.quick else (options.batch, options.rounds)
    our: list[dict[str, float]] = []
    base: list[dict[str, float]] = []
    with stage(postgres=options.postgres) as on:
        for turn in range(rounds):
            our.append(ours(on, seconds, lines, all_modes=True))
            base.append(stock(on, seconds))
            rates = f"{our[-1]['rate']:,.0f} POSTs/s and {our[-1]['batch_rate']:,.0f} in a batch"
            say(f"  round {turn + 1}: {rates}, stock nameko {base[-1]['rate']:,.0f} POSTs/s")
    return figures(our, base)


def figures(our: Sequence[dict[str, float]], base: Sequence[dict[str, float]]) -> list[Figure]:
    def us(name: str) -> float:
        return median(each[name] for each in our)

    def stock_(name: str) -> float:
        return median(each[name] for each in base)

    rate, base_rate = us("rate"), stock_("rate")
    behind = f"{us('behind'):,.0f} messages not yet published at the end, {us('drain_s'):.1f} s later none"
    batch_behind = (
        f"{us('batch_behind'):,.0f} messages not yet published at the end, {us('batch_drain_s'):.1f} s later none"
    )
    return [
        Figure("intake, single POSTs at saturation", rate, "POSTs/s", target=1000, note=behind),
        Figure("intake, baseline", base_rate, "POSTs/s", note="stock nameko, a request at a time"),
        Figure("intake, times the baseline", rate / base_rate, "x"),
        Figure("intake, CPU of the service", us("cpu_us"), "µs/POST", note=f"baseline {stock_('cpu_us'):.0f}"),
        Figure(
            "intake, CPU of broker and database", us("parts_us"), "µs/POST", note=f"baseline {stock_('parts_us'):.0f}"
        ),
        Figure("intake, p99 at saturation", us("p99_ms"), "ms", note=f"baseline {stock_('p99_ms'):.0f}"),
        Figure(f"intake, p50 at {PACE}/s", us("paced_p50_ms"), "ms"),
        Figure(f"intake, p99 at {PACE}/s", us("paced_p99_ms"), "ms", target=100, at_most=True),
        Figure("intake, concerns in a batch", us("batch_rate"), "concerns/s", target=5000, note=batch_behind),
        Figure(
            "intake, CPU of the service in a batch", us("batch_cpu_us"), "µs/concern", note="relay not all included"
        ),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each load (default: {SECONDS:.0f})")
    parser.add_argument("--batch", type=int, default=BATCH, help=f"concerns in the batch (default: {BATCH})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each (default: {ROUNDS})")


if __name__ == "__main__":
    run("Intake", measure, __doc__, _options)
