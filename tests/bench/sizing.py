"""What one concern takes of CPU, disk and connections: the measured part of `docs/guide/sizing.md`.

Two ways, each on new services. Live: 45,000 concerns in batches, one resident in five leaves an e-mail address and gets
a mail; no officer works on the cases. History: 5,000 of the sample's records with their past, nine in ten closed.

Disk is what a concern adds to the tables of each service, indexes included. The inbox is given apart: a service deletes
its rows after 30 days. With `--postgres` the connections to each database are counted too.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from city_try import write_records
from clients import load
from disk_use import INBOX, Bytes, sessions, stream_bytes, tables
from figures import Figure, run, say
from import_of_tree import await_agreement, command, imported
from platform_parts import Platform, platform
from programs import peak_mib
from stage import Stage, stage

from concord_http.rabbitmq_management import RabbitManagement

CONCERNS = 45_000
HISTORY = 5_000
BATCH = 5_000
IDLE_SECONDS = 30.0
MANAGEMENT_SECONDS = 10.0
"""How long the management API may lag behind."""


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds of each part, bytes of each table by service, bytes of the stream, at one moment."""

    cpu: dict[str, float]
    disk: dict[str, Bytes]
    stream: int


def used(on: Stage, parts: Platform) -> Used:
    return Used(parts.cpu(), {name: tables(each.database) for name, each in parts.services.items()}, stream_bytes(on))


def live(on: Stage, number: int, idle_seconds: float) -> list[Figure]:
    """Take in concerns in batches; then count connections, peaks and mails."""
    with platform(on) as parts:
        idle = idle_cpu(parts, idle_seconds)
        before = used(on, parts)
        for start in range(0, number, BATCH):
            part = min(BATCH, number - start)
            load("batch", parts.intake.port, concerns=part, contacts=True, source=f"part-{start}")
            await_agreement(parts, start + part)
            say(f"  {start + part:,} concerns")
        grown = growth("live", before, used(on, parts), number)
        peaks = {name: peak_mib(each.pid) for name, each in parts.services.items()} | {
            "broker": peak_mib(on.broker_pid)
        }
        mails = parts.account(number).delivered / number
        return [
            *idle,
            *grown,
            *(Figure(f"peak memory of {name}", mib, "MiB") for name, mib in peaks.items()),
            *connections(on, parts),
            Figure("live, mails", mails, "per concern"),
        ]


def history(on: Stage, number: int) -> list[Figure]:
    """Import records with their past, as an operator does."""
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder, platform(on) as parts:
        write_records(Path(folder) / "records.csv", number)
        before = used(on, parts)
        imported(command(parts, Path(folder) / "records.csv"), on.folder, on.ops_token)
        await_agreement(parts, number)
        return growth("history", before, used(on, parts), number)


def idle_cpu(parts: Platform, seconds: float) -> list[Figure]:
    """Percent of a core that each part takes without any concern."""
    time.sleep(seconds / 3)  # what the start left to do
    before, begun = parts.cpu(), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - begun
    spent = {name: each - before[name] for name, each in parts.cpu().items()}
    return [Figure(f"idle, CPU of {name}", each / passed * 100, "% of a core") for name, each in spent.items()]


def growth(way: str, before: Used, after: Used, number: int) -> list[Figure]:
    """What one concern added."""
    cpu = {name: (each - before.cpu[name]) / number * 1e6 for name, each in after.cpu.items()}
    figures = [Figure(f"{way}, CPU of {name}", each, "µs/concern") for name, each in cpu.items()]
    for name, sizes in after.disk.items():
        added = {table: (size - before.disk[name].get(table, 0)) / number for table, size in sizes.items()}
        inbox = added.pop(INBOX, 0.0)
        note = f"and {inbox:.0f} of the inbox for 30 days"
        figures.append(Figure(f"{way}, disk of {name}", sum(added.values()), "bytes/concern", note=note))
    figures.append(Figure(f"{way}, stream concord.log", (after.stream - before.stream) / number, "bytes/concern"))
    return figures


def connections(on: Stage, parts: Platform) -> list[Figure]:
    """To the broker, with channels; to PostgreSQL."""
    time.sleep(MANAGEMENT_SECONDS)
    told = RabbitManagement(on.management).call("GET", "/api/connections?columns=user,channels")
    figures = []
    for name, each in parts.services.items():
        own = [connection for connection in told if connection["user"] == each.name]
        channels = sum(connection["channels"] for connection in own)
        figures.append(Figure(f"AMQP connections of {name}", len(own), "", note=f"with {channels} channels"))
        if on.postgres:
            figures.append(Figure(f"database connections of {name}", sessions(each.database), ""))
    return figures


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    concerns, past, idle = (4_000, 1_000, 3.0) if options.quick else (options.concerns, options.history, IDLE_SECONDS)
    with stage(postgres=options.postgres) as on:
        return [*live(on, concerns, idle), *history(on, past)]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concerns", type=int, default=CONCERNS, help=f"live (default: {CONCERNS:,})")
    parser.add_argument("--history", type=int, default=HISTORY, help=f"imported with their past (default: {HISTORY:,})")


if __name__ == "__main__":
    run("Sizing", measure, __doc__, _options)
