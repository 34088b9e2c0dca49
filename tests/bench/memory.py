"""Memory: what each of the four services has in RAM at most and at rest, and the broker at its second start.

45,000 concerns go the whole way in batches, one resident in five is mailed: about 153,000 messages through the broker
(two from intake for each concern and one for each contact, one from routing, one from notification for each mail).
They come in parts. Judged is the peak (VmHWM), which no look can miss, from the start of the process on. Resident
(VmRSS) is noted when all of a part has gone the whole way; PSS, where what processes share is divided among them, is
given beside it. At the end the broker stops and starts again on what it keeps, and its peak is noted too.

Flat: from the middle part, all gone, to the last one, all gone, a service grew by less than a twentieth.
"""

import argparse
from collections.abc import Sequence
from time import sleep

from clients import load
from figures import Figure, run, say
from platform_parts import Platform, platform
from programs import peak_mib, proportional_mib, resident_mib
from stage import Stage, stage

CONCERNS = 45_000
BATCHES = 9
LIMIT_MIB = 120
BROKER_LIMIT_MIB = 600
SETTLE_SECONDS = 20.0
GROWTH = 0.05
PATIENCE = 600.0

Sample = dict[str, float]


def residents(parts: Platform) -> Sample:
    return {name: resident_mib(each.pid) for name, each in parts.services.items()}


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    batches, concerns = (4, 4_000) if options.quick else (BATCHES, options.concerns)
    with stage(postgres=options.postgres) as on, platform(on) as parts:
        part = concerns // batches
        gone = [residents(parts)]
        for turn in range(1, batches + 1):
            load("batch", parts.intake.port, concerns=part, contacts=True, source=f"part-{turn}")
            _, account, missing = parts.await_accounted(turn * part, PATIENCE)
            gone.append(residents(parts))
            say(f"  {turn * part:,} concerns: {_in_words(gone[-1])}")
            for gap in missing:
                say(f"  missing: {gap.text}")
        shared = {name: proportional_mib(each.pid) for name, each in parts.services.items()}
        peaks = {name: peak_mib(each.pid) for name, each in parts.services.items()}
        return [
            *figures(gone, peaks, shared, account.messages),
            broker_figure(on, parts),
            Figure("messages", account.messages, ""),
        ]


def broker_figure(on: Stage, parts: Platform) -> Figure:
    """The broker's peak after a second start with the services' connections."""
    first = peak_mib(on.broker_pid)
    on.restart_broker()
    for each in parts.services.values():
        each.await_ready()
    sleep(SETTLE_SECONDS)
    second = peak_mib(on.broker_pid)
    note = f"first start {first:.0f}"
    return Figure("memory of the broker, second start", second, "MiB", BROKER_LIMIT_MIB, at_most=True, note=note)


def _in_words(sample: Sample) -> str:
    return ", ".join(f"{name} {mib:.0f} MiB" for name, mib in sample.items())


def figures(gone: Sequence[Sample], peaks: Sample, shared: Sample, messages: int) -> list[Figure]:
    """`gone` has a sample of resident memory from before, and one after each part."""
    found = []
    middle, last = gone[len(gone) // 2], gone[-1]
    for name in last:
        course = f"before {gone[0][name]:.0f}, middle {middle[name]:.0f}, after {last[name]:.0f}"
        note = f"{course}; PSS {shared[name]:.0f}"
        found.append(Figure(f"memory of {name}, most", peaks[name], "MiB", target=LIMIT_MIB, at_most=True, note=note))
        growth = (last[name] - middle[name]) / middle[name] * 100
        half = f"in the second half of {messages:,} messages"
        found.append(Figure(f"memory of {name}, growth", growth, "%", target=GROWTH * 100, at_most=True, note=half))
    return found


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concerns", type=int, default=CONCERNS, help=f"in all (default: {CONCERNS})")


if __name__ == "__main__":
    run("Memory", measure, __doc__, _options)
