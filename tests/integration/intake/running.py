"""Intake as a process of its own, on a real broker, spoken to over HTTP."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pika

from concord_bus.topology.definitions import definitions
from concord_contracts import CONTENT_TYPE, Codec, Event, Keyrings
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_nodes.tcp_ports import free_port

ROOT = Path(__file__).parents[3]
CITY = ROOT / "deploy" / "sample" / "boston" / "city"
CATEGORY = "graffiti"
LAUNCH = (
    "import eventlet; eventlet.monkey_patch()\n"
    "import os, sys\n"
    "from concord_bus.runner import run\n"
    "from concord_intake.service import build\n"
    "sys.exit(run(build, os.environ))\n"
)
PASSWORD = "intake-password"
LINK_KEY = "l" * 40
OPS_TOKEN = "operators-token"
JSON = ("application/json", "application/problem+json")
T = TypeVar("T")


def eventually(look: Callable[[], T | None], seconds: float = 20) -> T:
    """What `look` gives once it gives something; fails after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.05)


def told(**changes: Any) -> dict[str, Any]:
    raw = {
        "category": CATEGORY,
        "description": "A wall full of paint",
        "point": {"lon": -71.0944, "lat": 42.3474},
        "occurred_at": "2026-01-10T12:00:00-05:00",
    }
    return raw | changes


class Intake:
    """The process, its database and its keys; `answer` speaks HTTP to it."""

    def __init__(self, folder: Path, database_url: str, broker_url: str) -> None:
        self.keys = {variable(each): new_key() for each in RECIPIENTS}
        self.port = free_port()
        self._log = folder / f"intake-{self.port}.log"
        self._env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
            "PYTHONWARNINGS": "ignore",
            "CONCORD_BROKER_URL": broker_url,
            "CONCORD_DATABASE_URL": database_url,
            "CONCORD_CITY": str(CITY),
            "CONCORD_HTTP_PORT": str(self.port),
            "CONCORD_OPS_TOKEN": OPS_TOKEN,
            "CONCORD_LIMIT_LOGINS": "off",
            "CONCORD_LIMIT_RECEIPTS": "off",
            "CONCORD_LIMIT_REPORTS": "off",
            "CONCORD_RECEIPT_KEY": "r" * 40,
            "CONCORD_LINK_KEY": LINK_KEY,
            **self.keys,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Intake":
        with self._log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-c", LAUNCH], env=self._env, stdout=log, stderr=log)
        eventually(self._alive, 30)
        return self

    def stop(self) -> int:
        """Ask it to end (SIGTERM); its exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(12)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def answer(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers (lower case) and JSON body of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            if isinstance(body, dict):
                headers = {"Content-Type": "application/json", **(headers or {})}
                body = json.dumps(body)
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            text = response.read()
            named = {name.lower(): value for name, value in response.getheaders()}
            return response.status, named, json.loads(text) if named.get("content-type", "") in JSON else text
        finally:
            connection.close()

    def batch(
        self, lines: Iterable[dict[str, Any]], source: str | None = None, query: str = ""
    ) -> list[dict[str, Any]]:
        """Send lines: without a source as anybody, with one as the login that may import history."""
        body = "".join(json.dumps(line) + "\n" for line in lines)
        login = {"Authorization": f"Bearer {OPS_TOKEN}"} if source else {}
        where = f"/v1/concerns:batch?source={source}{query}" if source else f"/v1/concerns:batch?{query}"
        status, _, answer = self.answer("POST", where, body, {"Content-Type": "application/x-ndjson", **login})
        text = answer.decode() if isinstance(answer, bytes) else json.dumps(answer)
        assert status == 200, text
        return [json.loads(line) for line in text.splitlines()]

    def ledger(self) -> dict[str, int]:
        status, _, found = self.answer("GET", "/v1/ledger", headers={"Authorization": f"Bearer {OPS_TOKEN}"})
        assert status == 200
        return dict(found)

    def ready(self) -> bool:
        return self.answer("GET", "/readyz")[0] == 200

    def _alive(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self._log.read_text()
        try:
            return self.answer("GET", "/healthz")[0] == 200
        except OSError:
            return False


class Broker:
    """A virtual host with the topology on it, read and written as the other services would."""

    def __init__(self, node: Any, vhost: str, keys: Mapping[str, str]) -> None:
        self._node = node
        self._vhost = vhost
        self._codec = Codec(Keyrings.from_env(keys))

    def take(self, queue: str, count: int) -> list[Event[Any]]:
        """That many events from a queue; fails when they do not come."""
        found: list[Event[Any]] = []

        def look() -> bool:
            with self._connected() as channel:
                while len(found) < count:
                    method, _, body = channel.basic_get(queue, auto_ack=True)
                    if method is None:
                        break
                    found.append(self._codec.decode(body))
            return len(found) >= count

        eventually(look)
        return found

    def publish(self, *events: Event[Any]) -> None:
        with self._connected() as channel:
            channel.confirm_delivery()
            for event in events:
                encoded = self._codec.encode(event)
                properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
                channel.basic_publish(encoded.exchange, encoded.routing_key, encoded.body, properties, mandatory=True)

    def _connected(self) -> "_Channel":
        return _Channel(self._node.amqp_url(vhost=self._vhost))


class _Channel:
    def __init__(self, url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))

    def __enter__(self) -> Any:
        return self._connection.channel()

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def prepared(node: Any, vhost: str) -> str:
    """Put the topology and intake's login on a virtual host; the URL intake connects with."""
    node.management.import_definitions(definitions({"intake": PASSWORD}, vhost))
    return str(node.amqp_url("intake", PASSWORD, vhost))
