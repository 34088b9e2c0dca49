"""The ops page within the service: one producer for all viewers, and the map drawn once."""

import sys
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import eventlet
import structlog
from eventlet.event import Event
from eventlet.green import subprocess
from nameko.extensions import DependencyProvider
from orjson import Fragment

from concord_bus.pipeline import place_of
from concord_bus.runtime import BusRuntime
from concord_metrics.ops.city_refresher import CityDesk
from concord_metrics.ops.event_stream import Feed, encode
from concord_metrics.ops.health_poller import Lookout, own, remote
from concord_metrics.ops.http_probe import service_client
from concord_metrics.ops.settings import OpsSettings

log = structlog.get_logger("concord.ops")

TICK_SECONDS = 1.0
LOOK_SECONDS = 4.0
IDLE_SECONDS = 20.0
"""How often the services are looked at while nobody watches: so that "away since" is true when somebody does."""
MAP_SECONDS = 60.0
NO_MAP: dict[str, Any] = {"name": None, "width": 0, "height": 0, "areas": [], "categories": {}, "teams": {}}


def utc_now() -> datetime:
    return datetime.now(UTC)


class OpsBoard(DependencyProvider):  # type: ignore[misc]
    """Gives the service the board. Reads `bus`, `city` and `ops` of the container's config."""

    def setup(self) -> None:
        config = self.container.config
        runtime: BusRuntime = config["bus"]
        self._settings: OpsSettings = config["ops"]
        self.feed = Feed(joined=self._wake)
        self.map = encode(NO_MAP)
        self._desk = CityDesk(runtime.read, self.feed, config["city"].zone, utc_now)
        others = {name: remote(service_client(url)) for name, url in self._settings.services.items()}
        self._lookout = Lookout({**others, runtime.service: own(runtime)}, self._settings, utc_now)
        self._woken = Event()
        self._stopping = False
        self._looked = float("-inf")

    def start(self) -> None:
        self.container.spawn_managed_thread(self._produce, identifier="ops page")
        if self._settings.city:
            self.container.spawn_managed_thread(self._draw, identifier="ops map")

    def stop(self) -> None:
        self._stopping = True
        self._wake()

    def kill(self) -> None:
        self.stop()

    def get_dependency(self, worker_ctx: Any) -> "OpsBoard":
        return self

    def state(self) -> dict[str, Any]:
        """Everything now, by part: the city's figures as fresh as their cost allows, the platform as last seen."""
        self._desk.refresh()
        return {name: Fragment(data) for name, data in self.feed.parts().items()}

    def _produce(self) -> None:
        while not self._stopping:
            try:
                self._round()
            except Exception as error:  # the edge: what is shown may be old, measuring must go on
                log.error("the ops page could not be brought up to date", cause=place_of(error))
            self._wait(TICK_SECONDS if self.feed.viewers else IDLE_SECONDS)

    def _round(self) -> None:
        watched = self.feed.viewers > 0
        if watched:
            self._desk.refresh()
        now = monotonic()
        if now - self._looked >= (LOOK_SECONDS if watched else IDLE_SECONDS) - TICK_SECONDS / 2:
            self._looked = now
            self._lookout.look()
            self.feed.put("platform", self._lookout.state())

    def _wait(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._woken.wait()
        self._woken = Event()

    def _wake(self) -> None:
        if not self._woken.ready():
            self._woken.send()

    def _draw(self) -> None:
        """Have the map drawn by a program of its own; without it the page shows its table only."""
        command = [sys.executable, "-W", "ignore", "-m", "concord_metrics.ops.map_renderer", str(self._settings.city)]
        try:
            drawn = subprocess.run(command, capture_output=True, timeout=MAP_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            log.error("the map could not be drawn: run `concord city check`", cause=type(error).__name__)
        else:
            self.map = drawn.stdout
