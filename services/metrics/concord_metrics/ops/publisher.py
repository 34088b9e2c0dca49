"""Background producer of the ops page, and its nameko provider."""

import sys
from time import monotonic
from typing import Any

import eventlet
import structlog
from eventlet.event import Event
from eventlet.green import subprocess
from nameko.extensions import DependencyProvider
from orjson import Fragment

from concord_bus.domain.error_location import error_location
from concord_bus.ports import utc_now
from concord_bus.runtime import BusRuntime
from concord_metrics.ops.city_refresher import CityRefresher
from concord_metrics.ops.event_stream import EventStream, encode
from concord_metrics.ops.health_poller import HealthPoller, own, remote
from concord_metrics.ops.http_probe import service_client
from concord_metrics.ops.settings import OpsSettings

log = structlog.get_logger("concord.ops")

TICK_SECONDS = 1.0
POLL_SECONDS = 4.0
IDLE_SECONDS = 20.0
"""Poll interval without viewers: "away since" must be true for the first one."""
MAP_SECONDS = 60.0
NO_MAP: dict[str, Any] = {"name": None, "width": 0, "height": 0, "areas": [], "categories": {}, "teams": {}}


class OpsPublisher(DependencyProvider):  # type: ignore[misc]
    """Provides itself to the service. Reads `bus`, `city` and `ops` of the container's config."""

    def setup(self) -> None:
        config = self.container.config
        runtime: BusRuntime = config["bus"]
        self._settings: OpsSettings = config["ops"]
        self.stream = EventStream(on_viewer=self._wake)
        self.map = encode(NO_MAP)
        self._info = config["city"]
        self._city = CityRefresher(runtime.read, self.stream, self._info.zone, utc_now)
        others = {name: remote(service_client(url)) for name, url in self._settings.services.items()}
        self._poller = HealthPoller({**others, runtime.service: own(runtime)}, self._settings, utc_now)
        self._woken = Event()
        self._stopping = False
        self._polled_at = float("-inf")

    def start(self) -> None:
        self.container.spawn_managed_thread(self._produce, identifier="ops page")
        if self._settings.city:
            self.container.spawn_managed_thread(self._draw_each, identifier="ops map")

    def stop(self) -> None:
        self._stopping = True
        self._wake()

    def kill(self) -> None:
        self.stop()

    def get_dependency(self, worker_ctx: Any) -> "OpsPublisher":
        return self

    def state(self) -> dict[str, Any]:
        """All parts: the city's figures as fresh as their cost allows, and the platform as of its last poll."""
        self._city.refresh()
        return {name: Fragment(data) for name, data in self.stream.parts().items()}

    def _produce(self) -> None:
        while not self._stopping:
            try:
                self._update()
            except Exception as error:  # the edge: the page may be old, but measuring must go on
                log.error("cannot update the ops page", cause=error_location(error))
            self._wait(TICK_SECONDS if self.stream.viewers else IDLE_SECONDS)

    def _update(self) -> None:
        watched = self.stream.viewers > 0
        if watched:
            self._city.refresh()
        now = monotonic()
        if now - self._polled_at >= (POLL_SECONDS if watched else IDLE_SECONDS) - TICK_SECONDS / 2:
            self._polled_at = now
            self._poller.poll()
            self.stream.put("platform", self._poller.state())

    def _wait(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._woken.wait()
        self._woken = Event()

    def _wake(self) -> None:
        if not self._woken.ready():
            self._woken.send()

    def _draw_each(self) -> None:
        """Draw the map at the start, and anew for each city folder that becomes live."""
        drawn = None
        while not self._stopping:
            digest = self._info.digest
            if digest != drawn:
                self._draw()
                drawn = digest
            eventlet.sleep(TICK_SECONDS)

    def _draw(self) -> None:
        """Draw the map in a process of its own. Without it the page shows only the table."""
        command = [sys.executable, "-W", "ignore", "-m", "concord_metrics.ops.map_renderer", str(self._settings.city)]
        try:
            drawing = subprocess.run(command, capture_output=True, timeout=MAP_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            log.error("cannot draw the map: run `concord city check`", cause=type(error).__name__)
        else:
            self.map = drawing.stdout
