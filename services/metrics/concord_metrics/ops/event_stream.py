"""Server-sent events of the ops page.

An event carries the latest state of a whole part. A slow viewer skips the states in between, so nothing queues up for
it. The `write_timeout` of the web server ends a connection that does not read at all.
"""

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

import eventlet
import orjson
from eventlet.event import Event

MAX_VIEWERS = 64
RETRY_MILLISECONDS = 3000
POLL_SECONDS = 1.0
"""Interval at which a viewer's stream checks for the stop of the service."""
HEARTBEAT_SECONDS = 10.0


class TooManyViewers(Exception):
    """The event stream has MAX_VIEWERS viewers. Remedy: poll the state."""


def encode(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class EventStream:
    """Parts by name, each with the number of its last change. Calls `on_viewer` for each new viewer."""

    def __init__(self, max_viewers: int = MAX_VIEWERS, on_viewer: Callable[[], None] = lambda: None) -> None:
        self._max_viewers = max_viewers
        self._on_viewer = on_viewer
        self._parts: dict[str, tuple[int, bytes]] = {}
        self._version = 0
        self._changed = Event()
        self.viewers = 0

    def put(self, name: str, value: Any) -> None:
        """Set a part; a different value wakes the viewers."""
        data = encode(value)
        if name in self._parts and self._parts[name][1] == data:
            return
        self._version += 1
        self._parts[name] = (self._version, data)
        changed, self._changed = self._changed, Event()
        changed.send()

    def parts(self) -> Mapping[str, bytes]:
        """The JSON of each part."""
        return {name: data for name, (_, data) in self._parts.items()}

    def after(self, version: int) -> list[tuple[int, str, bytes]]:
        """Parts with a change after `version`, in the order of their changes."""
        return sorted((number, name, data) for name, (number, data) in self._parts.items() if number > version)

    def wait(self, seconds: float) -> None:
        """Wait for a change, at most `seconds`."""
        changed = self._changed
        with eventlet.Timeout(seconds, False):
            changed.wait()

    def watch(self, stopping: Callable[[], bool], heartbeat: float = HEARTBEAT_SECONDS) -> "Viewer":
        """Start a stream of server-sent events. Raises TooManyViewers."""
        if self.viewers >= self._max_viewers:
            raise TooManyViewers
        self.viewers += 1
        self._on_viewer()
        return Viewer(self, stopping, heartbeat)


class Viewer:
    """One viewer's events, until the service stops. Close it, even if nothing has read it."""

    def __init__(self, stream: EventStream, stopping: Callable[[], bool], heartbeat: float) -> None:
        self._stream: EventStream | None = stream
        self._events = _events(stream, stopping, heartbeat)

    def __iter__(self) -> "Viewer":
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        self._events.close()  # type: ignore[attr-defined]
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.viewers -= 1


def _events(stream: EventStream, stopping: Callable[[], bool], heartbeat: float) -> Iterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    version, sent_at = 0, monotonic()
    while not stopping():
        for number, name, data in stream.after(version):
            version, sent_at = number, monotonic()
            yield b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), version, data)
        if monotonic() - sent_at >= heartbeat:
            sent_at = monotonic()
            yield b"event: beat\ndata: {}\n\n"
        if not stream.after(version):
            stream.wait(min(POLL_SECONDS, heartbeat))
