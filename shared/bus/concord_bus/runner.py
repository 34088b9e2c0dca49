"""Runs one service in this process: migrates, starts, serves until a signal, and stops within ten seconds."""

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import eventlet
import structlog
from eventlet import debug, patcher
from eventlet.hubs import get_hub
from nameko.containers import ServiceContainer

from concord_bus import logging_setup
from concord_bus.adapters.sql.migrate_subprocess import upgrade_in_subprocess
from concord_bus.adapters.sql.outbox_lease import lock_sqlite_file
from concord_bus.backoff import Backoff
from concord_bus.disk_watch import DiskWatch
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import DatabaseUnavailable, SchemaNotReady
from concord_bus.gc_policy import schedule_collection
from concord_bus.runtime import BusRuntime

log = structlog.get_logger("concord.runner")

STOP_SECONDS = 9.0
WORKERS = 1000


@dataclass(frozen=True)
class ServiceDefinition:
    """A wired service: its nameko class, the package with its migrations, and its config.

    `config["bus"]` holds the BusRuntime; the other entries belong to the service's own extensions.
    """

    service_cls: type[Any]
    package: str
    config: Mapping[str, Any]

    @property
    def runtime(self) -> BusRuntime:
        runtime: BusRuntime = self.config["bus"]
        return runtime


Build = Callable[[Mapping[str, str]], ServiceDefinition]
"""The function `build` of every `service.py`: wires the service from an environment. Raises SettingsError."""


def run(build: Build, env: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code. Call it after eventlet's monkey patching.

    Raises SettingsError, DatabaseInUse, UnsupportedDatabase, IncompatibleSchema, or the web server's error for an
    occupied TCP port.
    """
    stop = _StopSignal()
    definition = build(env)
    name = stop.service = definition.service_cls.name
    logging_setup.configure(name, env.get("CONCORD_LOG_LEVEL", "INFO"))
    logging_setup.log_uncaught_of(get_hub())
    url = definition.runtime.settings.database_url
    disks = DiskWatch.from_env(env, url)
    definition.runtime.checks.append(disks.check)
    claim = lock_sqlite_file(url)
    try:
        if not _migrated(url, definition.package, stop, wait=definition.runtime.settings.waits_for_schema):
            return 0
        definition.runtime.watch_depths()
        return _serve(definition, stop, disks)
    finally:
        definition.runtime.database.dispose()
        if claim:
            claim.close()


def _migrated(url: str, package: str, stop: "_StopSignal", *, wait: bool) -> bool:
    """Wait for the database and migrate it, or `wait` until another process has. Returns False when a signal comes
    first."""
    backoff = Backoff()
    while not stop.received:
        try:
            upgrade_in_subprocess(url, package, wait=wait)
        except (DatabaseUnavailable, SchemaNotReady) as error:
            pause, away = backoff.seconds(), isinstance(error, DatabaseUnavailable)
            about = "the database cannot be reached" if away else f"waits for migrations: {error}"
            log.warning(about, retry_in=round(pause, 1))
            stop.wait(pause)
        else:
            return True
    return False


def _serve(definition: ServiceDefinition, stop: "_StopSignal", disks: DiskWatch) -> int:
    config = {"max_workers": WORKERS, **definition.config}
    container = ServiceContainer(definition.service_cls, config)
    debug.hub_exceptions(False)  # the caller reports an error of the start
    container.start()
    debug.hub_exceptions(True)
    _release_memory()
    collect_when_due = schedule_collection()
    log.info("serving")
    died = eventlet.spawn(_died, container)
    while not stop.received and not died.dead:
        stop.wait(0.1)
        collect_when_due()
        disks.look_when_due()
    if not died.dead:
        log.info("stopping")
        container.stop()
    problem = died.wait()
    if problem:
        log.error("the service died", cause=problem)
        return 1
    log.info("stopped")
    return 0


def _release_memory() -> None:
    """Return freed memory to the system: 7 MB in routing, which reads the areas at the start."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _died(container: ServiceContainer) -> str | None:
    try:
        container.wait()
    except Exception as error:  # the edge: the text may quote a message, so report the place
        return error_location(error)
    return None


class _StopSignal:
    """Records SIGTERM and SIGINT."""

    def __init__(self) -> None:
        self.received = False
        self.service = ""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, or until the signal."""
        until = monotonic() + seconds
        while not self.received and monotonic() < until:
            eventlet.sleep(0.05)

    def _on_signal(self, _number: int, _frame: Any) -> None:
        if not self.received:
            _exit_in_time(self.service)  # in the handler: a green thread may notice it late
        self.received = True


def _exit_in_time(service: str) -> None:
    """Exit within STOP_SECONDS, even if a thread hangs. The broker delivers unacknowledged messages again."""
    threading = patcher.original("threading")

    def leave() -> None:
        # Not by the logger: its lock belongs to green threads, and this is a thread of the system.
        line = {"service": service, "level": "error", "message": "could not stop in time, leaving"}
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(STOP_SECONDS, leave)
    timer.daemon = True
    timer.start()
