"""`concord serve`: one service in this process, for which `__main__` has set up eventlet."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import click
import structlog

from concord_bus import logging_setup
from concord_bus.adapters.sql.outbox_lease import DatabaseInUse
from concord_bus.domain.errors import IncompatibleSchema, UnsupportedDatabase
from concord_bus.runner import Build, run
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import SERVICES
from concord_city import CityError
from concord_cli.common.errors import UsageError
from concord_web import CannotListen

log = structlog.get_logger("concord.serve")


@click.command()
@click.argument("name", metavar="NAME")
def serve(name: str) -> None:
    """Run the service NAME until SIGTERM or Ctrl-C.

    NAME is intake, routing, notification or metrics. Environment variables hold the settings.

    Exit code: 2 if you must correct a setting, the database or the TCP port first.

    \b
    Example:
      CONCORD_BROKER_URL=amqp://metrics:PASSWORD@127.0.0.1:5672/%2F \\
      CONCORD_DATABASE_URL=sqlite:////var/lib/concord/metrics.db \\
      CONCORD_CITY=deploy/sample/boston/city CONCORD_HTTP_PORT=8083 \\
      concord serve metrics
    """
    if name in SERVICES:  # before the service is loaded: its log has JSON lines only
        logging_setup.configure(name, os.environ.get("CONCORD_LOG_LEVEL", "INFO"))
    build = builder_of(name)
    try:
        code = run(build, os.environ)
    except (SettingsError, DatabaseInUse, UnsupportedDatabase, IncompatibleSchema, CannotListen, CityError) as error:
        log.critical(_one_line(error))
        code = UsageError.exit_code
    sys.exit(code)


def builder_of(name: str) -> Build:
    """Return the service's `build`. Raises UsageError for an unknown service and for a missing package."""
    if name not in SERVICES:
        raise UsageError(f"No service '{name}': choose one of {', '.join(SERVICES)}.")
    module = f"concord_{name}.service"
    if not _installed(module):
        raise UsageError(f"The service '{name}' is not installed: install the package concord-{name}.")
    build: Build = import_module(module).build
    return build


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
