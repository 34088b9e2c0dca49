"""One service of Concord as a process of its own on real parts, and what a test does with it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pika

from concord_bus.topology.definitions import definitions
from concord_contracts import CONTENT_TYPE, Codec, Event

T = TypeVar("T")
OPS_TOKEN = "operators-only"
NO_LIMITS = {f"CONCORD_LIMIT_{name}": "off" for name in ("LOGINS", "RECEIPTS", "REPORTS")}
"""All tests come from one address."""
SECONDS = 30.0


def until(look: Callable[[], T], seconds: float = SECONDS) -> T:
    """What `look` gives once it is true; the test fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(0.05)


def prepare(vhost: Any) -> None:
    """Declare Concord's topology in a virtual host, without logins."""
    node = vhost.node
    node.management.import_definitions(definitions({}, vhost.name))


class ServiceProcess:
    """`concord serve NAME`. Ends when the block is left."""

    def __init__(self, name: str, folder: Path, port: int, env: Mapping[str, str]) -> None:
        self.name = name
        self.base = f"http://127.0.0.1:{port}"
        self.log = folder / f"{name}-{port}.log"
        given = {"CONCORD_HTTP_PORT": str(port), "CONCORD_OPS_TOKEN": OPS_TOKEN, **NO_LIMITS, **env}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "concord_cli", "serve", name],
                env={**os.environ, **given},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> "ServiceProcess":
        try:
            until(self._ready_or_ended)
            assert self.process.poll() is None, self.log.read_text()
        except BaseException:
            self.__exit__()  # of a block that was not entered nobody else ends it
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(12)
        finally:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def get(self, path: str, token: str | None = None) -> tuple[int, str]:
        """Status and body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, headers=headers), timeout=10) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def json(self, path: str, token: str | None = None) -> Any:
        status, body = self.get(path, token)
        assert status == 200, body
        return json.loads(body)

    def ledger(self) -> dict[str, int]:
        found: dict[str, int] = self.json("/v1/ledger", OPS_TOKEN)
        return found

    def _ready_or_ended(self) -> bool:
        if self.process.poll() is not None:
            return True
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False


def publish(url: str, codec: Codec, events: Iterable[Event[Any]]) -> None:
    """Send events to the broker at `url`, each confirmed."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
        for each in events:
            encoded = codec.encode(each)
            channel.basic_publish(encoded.exchange, encoded.routing_key, encoded.body, properties, mandatory=True)
    finally:
        connection.close()
