"""The load, in a process of its own: `python -m load '{"mode": …}'` prints one JSON object.

- saturate: so many keep-alive connections, each sends its next POST when its last was answered, for so many seconds.
- paced: so many POSTs a second whatever comes back (an open loop); the time of one counts from when it was due.
- batch: one NDJSON request, its answers read while it is still being sent.

Times are of the monotonic clock, which all processes of a machine share.
"""

import asyncio
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

import concerns

CREATED = b"HTTP/1.1 201"
PATH = "/v1/concerns"
GRACE_SECONDS = 20


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    def __init__(self) -> None:
        self._held = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(b"lost")

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, found, body = self._held.partition(b"\r\n\r\n")
        if found and self._answer and len(body) >= _length(head):
            self._held = b""
            self._answer.set_result(head)

    async def send(self, request: bytes) -> bytes:
        """The head of the answer."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport:
            self._transport.abort()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


def _posts(port: int, number: int, contacts: bool) -> Iterator[bytes]:
    for body in concerns.requests(number, contacts=contacts):
        head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        yield f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Result:
    """Answers by status line, and the seconds each 201 took."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.ended = self.begun
        self.seconds: list[float] = []
        self.others: Counter[str] = Counter()
        self.due: dict[int, float] = {}

    def note(self, head: bytes, since: float) -> None:
        self.ended = time.monotonic()
        if head.startswith(CREATED):
            self.seconds.append(self.ended - since)
        else:
            self.others[head.partition(b"\r\n")[0].decode("ascii", "replace")] += 1

    def as_dict(self) -> dict[str, Any]:
        return {
            "created": len(self.seconds),
            "elapsed": self.ended - self.begun,
            "seconds": self.seconds,
            "others": dict(self.others),
            "due": self.due,
        }


async def saturate(told: dict[str, Any]) -> dict[str, Any]:
    posts = list(_posts(told["port"], told["distinct"], told.get("contacts", False)))
    connections = [await _connect(told["port"]) for _ in range(told["connections"])]
    result = Result()
    until = result.begun + told["seconds"]

    async def keep_sending(connection: Connection, place: int) -> None:
        while (since := time.monotonic()) < until:
            head = await connection.send(posts[place % len(posts)])
            result.note(head, since)
            if head == b"lost":
                return
            place += told["connections"]

    senders = (keep_sending(connection, place) for place, connection in enumerate(connections))
    await asyncio.wait_for(asyncio.gather(*senders), told["seconds"] + GRACE_SECONDS)
    return result.as_dict()


async def paced(told: dict[str, Any]) -> dict[str, Any]:
    posts = list(_posts(told["port"], int(told["rate"] * told["seconds"]), told.get("contacts", False)))
    idle = deque([await _connect(told["port"]) for _ in range(told["connections"])])
    freed = asyncio.Event()
    result = Result()

    async def send(connection: Connection, post: bytes, due: float) -> None:
        result.note(await connection.send(post), due)
        idle.append(connection)
        freed.set()

    under_way: set[asyncio.Task[None]] = set()
    for place, post in enumerate(posts):
        due = result.begun + place / told["rate"]
        result.due[place + 1] = due
        if (left := due - time.monotonic()) > 0:
            await asyncio.sleep(left)
        while not idle:
            freed.clear()
            await asyncio.wait_for(freed.wait(), GRACE_SECONDS)
        task = asyncio.create_task(send(idle.popleft(), post, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.wait_for(asyncio.gather(*under_way), GRACE_SECONDS)
    return result.as_dict()


async def batch(told: dict[str, Any]) -> dict[str, Any]:
    part = told.get("source", "bench")
    lines = list(concerns.lines(told["concerns"], part, contacts=told.get("contacts", False)))
    body = b"\n".join(lines) + b"\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", told["port"], limit=2**20)
    begun = time.monotonic()
    head = f"POST {PATH}:batch HTTP/1.1\r\nHost: 127.0.0.1:{told['port']}\r\nConnection: close\r\n"
    head += f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"

    async def send() -> None:
        writer.write(head.encode())
        for start in range(0, len(body), 65536):
            writer.write(body[start : start + 65536])
            await writer.drain()

    sending = asyncio.create_task(send())
    accepted = 0
    first = await reader.readline()
    while piece := await reader.read(2**18):
        accepted += piece.count(b'"accepted"')
    ended = time.monotonic()
    await sending
    writer.close()
    return {"accepted": accepted, "status": first.decode().strip(), "begun": begun, "elapsed": ended - begun}


def main() -> None:
    told = json.loads(sys.argv[1])
    modes = {"saturate": saturate, "paced": paced, "batch": batch}
    print(json.dumps(asyncio.run(modes[told["mode"]](told))))


if __name__ == "__main__":
    main()
