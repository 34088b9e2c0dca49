"""Slow clients, in a process of their own: `python -m drip_load '{"port": …, "connections": …, "seconds": …}'`.

Each connection begins a request and then sends a byte every few seconds, from 127.0.0.2 to 127.0.0.9 by turns. When the
server ends it, the client comes again after the same pause. `kind` is what drips: batch, body or head. It prints
"dripping" when all have connected once, and ends by itself.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

ADDRESSES = tuple(f"127.0.0.{last}" for last in range(2, 10))
PAUSE = 5.0
AT_ONCE = 50
HEADS = {
    "batch": "POST /v1/concerns:batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
    "Transfer-Encoding: chunked\r\n\r\n",
    "body": "POST /v1/concerns HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n",
    "head": "GET /v1/categories HTTP/1.1\r\nHost: a\r\nX-Slow: ",
}
BYTES = {"batch": b"1\r\nx\r\n", "body": b"x", "head": b"x"}


class Drips:
    """All the connections, and how many have connected once."""

    def __init__(self, port: int, kind: str, until: float) -> None:
        self.port = port
        self.kind = kind
        self.until = until
        self.connected = 0
        self._starting = asyncio.Semaphore(AT_ONCE)

    async def keep_dripping(self, place: int, phase: float) -> None:
        """Begin after `phase` seconds."""
        known = False
        await asyncio.sleep(phase)
        while time.monotonic() < self.until:
            try:
                async with self._starting:
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.port, local_addr=(ADDRESSES[place % len(ADDRESSES)], 0)
                    )
                self.connected += not known
                known = True
                await self._drip(reader, writer)
            except OSError:
                await asyncio.sleep(PAUSE)

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a byte after each pause until the server ends the connection."""
        try:
            writer.write(HEADS[self.kind].encode())
            while time.monotonic() < self.until:
                await asyncio.sleep(PAUSE)
                writer.write(BYTES[self.kind])
                await writer.drain()
                if reader.at_eof():
                    return
        finally:
            writer.close()


async def drip(told: dict[str, Any]) -> None:
    drips = Drips(told["port"], told["kind"], time.monotonic() + told["seconds"])
    number = told["connections"]
    phases = (place * PAUSE / number for place in range(number))
    tasks = [asyncio.create_task(drips.keep_dripping(place, phase)) for place, phase in enumerate(phases)]
    while drips.connected < number and time.monotonic() < drips.until:
        await asyncio.sleep(0.05)
    print("dripping", flush=True)
    await asyncio.gather(*tasks)


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard) if hard != resource.RLIM_INFINITY else (soft, hard))
    asyncio.run(drip(json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
