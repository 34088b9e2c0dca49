"""The whole way: a concern through intake, routing, notification (one resident in five is mailed) and metrics.

A batch: from the first byte sent to intake until the ledgers of all four services agree that every concern is routed
or unroutable, every notice handed to the mail server, everything measured, and no message is left in a queue or outbox.

Paced: 50 single POSTs a second, each with an e-mail address; from the moment a POST was due to the moment the mail
server accepted its mail. Broker, databases, mail server and the load share the machine.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

from clients import Load, load
from figures import Figure, percentile, run, say
from platform_parts import Platform, platform
from stage import stage

CONCERNS = 10_000
PACE = 50
SECONDS = 20.0
PATIENCE = 300.0
MAIL_SECONDS = 30.0


def batch(parts: Platform, concerns: int) -> list[Figure]:
    parts.catcher.accepted.clear()
    before = parts.cpu()
    with Load("batch", parts.intake.port, concerns=concerns, contacts=True) as sending:
        done = sending.result(PATIENCE)
    ended, _, missing = parts.await_accounted(concerns, PATIENCE)
    for gap in missing:
        say(f"  missing: {gap.text}")
    spent = {name: (seconds - before[name]) / concerns * 1e6 for name, seconds in parts.cpu().items()}
    seconds = ended - done["begun"]
    mails = len(parts.catcher.accepted)
    note = f"{concerns:,} in {seconds:.1f} s, {mails:,} of them mailed; aim: 1,000"
    finding = Figure("whole way, batch", concerns / seconds, "concerns/s", target=700, note=note)
    cpu = [Figure(f"whole way, CPU of {name}", each, "µs/concern") for name, each in spent.items()]
    unaccounted = [Figure("whole way, gaps in the account", len(missing), "", target=0, at_most=True)]
    return [finding, Figure("whole way, taken in", concerns / done["elapsed"], "concerns/s"), *cpu, *unaccounted]


def paced(parts: Platform, seconds: float) -> list[Figure]:
    parts.catcher.accepted.clear()
    done = load("paced", parts.intake.port, rate=PACE, seconds=seconds, connections=32, contacts=True)
    if done["others"]:
        say(f"  not answered 201: {done['others']}")
    _await_mails(parts, done["created"])
    delays = list(_delays(done, parts.catcher.accepted))
    missing = f"{done['created'] - len(delays)} of {done['created']} mails missing"
    return [
        Figure(f"POST to mail handed over, p50 at {PACE}/s", percentile(delays, 0.5) * 1000, "ms"),
        Figure(
            f"POST to mail handed over, p99 at {PACE}/s",
            percentile(delays, 0.99) * 1000,
            "ms",
            target=500,
            at_most=True,
            note=missing,
        ),
        Figure(f"POST answered, p99 at {PACE}/s", percentile(done["seconds"], 0.99) * 1000, "ms"),
    ]


def _await_mails(parts: Platform, count: int) -> None:
    deadline = time.monotonic() + MAIL_SECONDS
    while len(parts.catcher.accepted) < count and time.monotonic() < deadline:
        time.sleep(0.05)


def _delays(done: dict[str, Any], accepted: dict[str, float]) -> Sequence[float]:
    """Seconds for each mail, by the number in its address."""
    addressed = {number: f"resident-{number}@example.org" for number in done["due"]}
    return [accepted[address] - done["due"][number] for number, address in addressed.items() if address in accepted]


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    concerns, seconds = (2_000, 4.0) if options.quick else (options.concerns, options.seconds)
    with stage(postgres=options.postgres) as on, platform(on) as parts:
        warm = paced(parts, 2.0)  # first uses of code and connections
        say(f"  warm-up: p50 {warm[0].value:.0f} ms")
        return [*paced(parts, seconds), *batch(parts, concerns)]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concerns", type=int, default=CONCERNS, help=f"in the batch (default: {CONCERNS})")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of paced POSTs (default: {SECONDS:.0f})")


if __name__ == "__main__":
    run("The whole way", measure, __doc__, _options)
