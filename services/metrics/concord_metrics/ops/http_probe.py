"""Short questions over HTTP to the other services and to the broker's management API.

A connection is kept between two rounds. Every wait is bounded, also against one who answers byte by byte.
"""

import base64
import http.client
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import eventlet

from concord_bus.topology import LOG

SILENT_SECONDS = 1.5
WHOLE_SECONDS = 3.0
LONGEST_ANSWER = 4_000_000


class NoAnswer(Exception):
    """Nobody answered in time, or not as expected; the text completes the sentence 'it …'."""


class Asker:
    """Asks one server, one question at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._prefix = parts.hostname or "", parts.port or 80, parts.path.rstrip("/")
        self._headers = {"User-Agent": "concord-ops"}
        if parts.username:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = "Basic " + base64.b64encode(login).decode()
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> tuple[int, str]:
        """Status and body. Raises NoAnswer; a kept connection that had been closed meanwhile is tried anew once."""
        kept = self._connection is not None
        try:
            return self._get(path)
        except NoAnswer:
            if not kept:
                raise
            return self._get(path)

    def json(self, path: str) -> Any:
        """The JSON of a 200. Raises NoAnswer."""
        return _read(*self.get(path))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def _get(self, path: str) -> tuple[int, str]:
        try:
            with eventlet.Timeout(WHOLE_SECONDS):
                return self._exchange(path)
        except eventlet.Timeout:
            self.close()
            raise NoAnswer("is too slow to answer") from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswer(_reason(error)) from None

    def _exchange(self, path: str) -> tuple[int, str]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=SILENT_SECONDS)
        self._connection.request("GET", self._prefix + path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read(LONGEST_ANSWER)
        if answer.will_close or not answer.isclosed():
            self.close()
        return answer.status, body.decode("utf-8", "replace")


def _read(status: int, body: str) -> Any:
    if status != 200:
        raise NoAnswer(f"answers {status}")
    try:
        return json.loads(body)
    except ValueError:
        raise NoAnswer("answers something else than JSON") from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "is too slow to answer"
    if isinstance(error, ConnectionRefusedError):
        return "does not listen"
    return f"cannot be reached ({type(error).__name__})"


def broker_answers(asker: Asker, vhost: str) -> Mapping[str, Any]:
    """What `broker.judge` takes. Raises NoAnswer."""
    totals = "disable_stats=true&enable_queue_totals=true"
    return {
        "nodes": asker.json("/api/nodes?columns=name,running,mem_alarm,disk_free_alarm,partitions"),
        "queues": asker.json(f"/api/queues/{quote(vhost, safe='')}?{totals}"),
        "log": _length_of_log(asker, vhost),
        "version": asker.json("/api/overview?columns=rabbitmq_version").get("rabbitmq_version"),
    }


def _length_of_log(asker: Asker, vhost: str) -> int | None:
    """Of the statistics, some seconds old: the totals leave streams out (RabbitMQ 3.10 says 0). None without a log."""
    status, body = asker.get(f"/api/queues/{quote(vhost, safe='')}/{LOG}?columns=messages")
    if status == 404:
        return None
    length: int | None = _read(status, body).get("messages")
    return length
