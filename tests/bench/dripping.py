"""Slow clients: single POSTs and /readyz while 1,500 connections drip a byte every 5 seconds.

The slow ones come from 127.0.0.2 to 127.0.0.9. The requests measured come from 127.0.0.1, each on a new connection and
on time whatever comes back. A response other than 201 (200 of /readyz) counts as refused.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import concerns
from figures import HERE, Figure, percentile, run, say
from programs import plain_environment
from stage import Service, stage

CONNECTIONS = 1500
KINDS = ("batch", "body", "head")
SECONDS = 30.0
RATE = 20
TARGET_MS = 100
PATIENCE = 30.0


@dataclass
class Probe:
    """Seconds until each expected response, and the status lines of the others."""

    expected: bytes
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def note(self, line: bytes, since: float) -> None:
        if line.startswith(b"HTTP/1.1 " + self.expected):
            self.seconds.append(time.monotonic() - since)
        else:
            self.refused.append(line.decode("latin-1").strip() or "closed")

    def figures(self, name: str) -> list[Figure]:
        note = f"{len(self.seconds)} responses" + "".join(f", {text}" for text in sorted(set(self.refused)))
        p99 = percentile(self.seconds, 0.99) * 1000
        return [
            Figure(f"{name}, p99", p99, "ms", target=TARGET_MS, at_most=True, note=note),
            Figure(f"{name}, refused", len(self.refused), "", target=0, at_most=True),
        ]


async def ask(port: int, request: bytes, probe: Probe, due: float) -> None:
    """Send one request on a connection of its own."""
    line, writer = b"", None
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.1", 0))
        writer.write(request)
        line = await asyncio.wait_for(reader.readline(), PATIENCE)
    except (OSError, TimeoutError):
        pass
    finally:
        if writer:
            writer.close()
    probe.note(line, due)


async def probed(port: int, seconds: float) -> tuple[Probe, Probe]:
    """Ask for both at the rate RATE."""
    posts, ready = Probe(b"201"), Probe(b"200")
    bodies = list(concerns.requests(int(RATE * seconds), contacts=False))
    begun = time.monotonic()
    tasks = []
    for place, body in enumerate(bodies):
        due = begun + place / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        head = "POST /v1/concerns HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
        post = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        tasks.append(asyncio.create_task(ask(port, post, posts, due)))
        get = b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        tasks.append(asyncio.create_task(ask(port, get, ready, due)))
    await asyncio.gather(*tasks)
    return posts, ready


@contextmanager
def slow_clients(port: int, kind: str, connections: int, seconds: float) -> Iterator[None]:
    """Let them drip; they are there when the block begins."""
    told = {"port": port, "kind": kind, "connections": connections, "seconds": seconds}
    process = subprocess.Popen(
        [sys.executable, "-m", "drip_load", json.dumps(told)],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=HERE,
        env=plain_environment(),
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != b"dripping\n":
            raise RuntimeError("the slow clients did not start")
        yield
    finally:
        process.kill()
        process.communicate()


def measured(intake: Service, kind: str, connections: int, seconds: float) -> list[Figure]:
    with slow_clients(intake.port, kind, connections, seconds + 120):
        cpu, begun = intake.cpu, time.monotonic()
        posts, ready = asyncio.run(probed(intake.port, seconds))
        share = (intake.cpu - cpu) / (time.monotonic() - begun) * 100
    found = posts.figures(f"POST, {connections:,} dripping {kind}") + ready.figures(f"/readyz, dripping {kind}")
    found.append(Figure(f"CPU of intake, dripping {kind}", share, "%", note=f"{2 * RATE} requests a second"))
    say(f"  {kind}: " + ", ".join(f"{figure.name} {figure.value:.0f} {figure.unit}" for figure in found))
    return found


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    seconds = 10.0 if options.quick else SECONDS
    with stage(postgres=options.postgres) as on, on.broker() as broker, on.service("intake", broker) as intake:
        intake.await_ready()
        asyncio.run(probed(intake.port, 2.0))  # warm
        cpu, begun = intake.cpu, time.monotonic()
        posts, ready = asyncio.run(probed(intake.port, seconds))
        share = (intake.cpu - cpu) / (time.monotonic() - begun) * 100
        found = posts.figures("POST, no slow clients") + ready.figures("/readyz, no slow clients")
        found.append(Figure("CPU of intake, no slow clients", share, "%", note=f"{2 * RATE} requests a second"))
        for kind in KINDS:
            found += measured(intake, kind, options.connections, seconds)
    return found


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help=f"slow ones (default: {CONNECTIONS})")


if __name__ == "__main__":
    run("Slow clients", measure, __doc__, _options)
