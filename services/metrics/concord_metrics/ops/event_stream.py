"""The parts of the page and who waits for them.

A part is always sent whole, in its latest state: a viewer that is slow skips what it missed, so nothing queues up for
it. One that does not read at all is ended by the web server's `write_timeout`.
"""

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

import eventlet
import orjson
from eventlet.event import Event

MOST_VIEWERS = 64
RETRY_MILLISECONDS = 3000
LOOK_SECONDS = 1.0
"""How often a viewer's stream looks whether the service is to stop."""
BEAT_SECONDS = 10.0


class TooManyViewers(Exception):
    """As many as may watch live do so. Remedy: ask for the state now and then."""


def encode(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class Feed:
    """Parts by name, each with the number of its last change. `joined` is called when somebody begins to watch."""

    def __init__(self, most: int = MOST_VIEWERS, joined: Callable[[], None] = lambda: None) -> None:
        self._most = most
        self._joined = joined
        self._parts: dict[str, tuple[int, bytes]] = {}
        self._version = 0
        self._changed = Event()
        self.viewers = 0

    def put(self, name: str, value: Any) -> None:
        """Set a part; viewers are woken when it differs from what it was."""
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
        """Parts that changed since `version`, in the order of their changes."""
        return sorted((number, name, data) for name, (number, data) in self._parts.items() if number > version)

    def wait(self, seconds: float) -> None:
        """Until a part changes, at most `seconds`."""
        changed = self._changed
        with eventlet.Timeout(seconds, False):
            changed.wait()

    def watch(self, stopping: Callable[[], bool], beat: float = BEAT_SECONDS) -> "Viewer":
        """A stream of server-sent events. Raises TooManyViewers."""
        if self.viewers >= self._most:
            raise TooManyViewers
        self.viewers += 1
        self._joined()
        return Viewer(self, stopping, beat)

    def left(self) -> None:
        self.viewers -= 1


class Viewer:
    """One viewer's events, without end until the service is to stop. Must be closed, also when never read."""

    def __init__(self, feed: Feed, stopping: Callable[[], bool], beat: float) -> None:
        self._feed: Feed | None = feed
        self._events = _events(feed, stopping, beat)

    def __iter__(self) -> "Viewer":
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        self._events.close()  # type: ignore[attr-defined]
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.left()


def _events(feed: Feed, stopping: Callable[[], bool], beat: float) -> Iterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    version, spoke = 0, monotonic()
    while not stopping():
        for number, name, data in feed.after(version):
            version, spoke = number, monotonic()
            yield b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), version, data)
        if monotonic() - spoke >= beat:
            spoke = monotonic()
            yield b"event: beat\ndata: {}\n\n"
        if not feed.after(version):
            feed.wait(min(LOOK_SECONDS, beat))
