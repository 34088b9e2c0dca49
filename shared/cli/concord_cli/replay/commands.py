"""`concord replay metrics`: options, progress and exit codes."""

import os
import signal
import sys
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import amqp
import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from concord_bus.adapters.amqp.connection import LOST, lost_reason
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.rebuild import Rebuild, RebuildError, RebuildRequest, RebuildResult
from concord_bus.settings import BrokerAddress
from concord_cli.common.audit_actor import actor
from concord_cli.common.broker_target import broker_of
from concord_cli.common.console import Console
from concord_cli.common.database_urls import database_url
from concord_cli.common.errors import UsageError
from concord_cli.common.options import BROKER, DATABASE_VARIABLE, database_options
from concord_cli.common.service_database import open_store
from concord_cli.common.time_option import TimeParam

INTERRUPTED = 130


class Start(TimeParam):
    """`first`, or a time as `TimeParam` reads it."""

    name = "start"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if value == "first" else super().convert(value, param, ctx)


@click.group()
def replay() -> None:
    """Rebuild a service's data from the stream of public events.

    \b
    Example:
      concord replay metrics
    """


@replay.command()
@click.option(
    "--from",
    "start",
    type=Start(),
    default="first",
    show_default=True,
    metavar="START",
    help="Where to start: first (of the stream), or 30d, 12h ago, or 2026-11-22T18:20.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read.  [default: one for each core]")
@click.option(
    "--allow-fewer", is_flag=True, help="Switch over even if the stream holds fewer concerns or lacks events."
)
@click.option("--restart", is_flag=True, help="Discard an unfinished rebuild and start again.")
@BROKER
@database_options
def metrics(
    start: str | datetime,
    workers: int | None,
    allow_fewer: bool,
    restart: bool,
    broker: str | None,
    home: Path,
    database: str | None,
) -> None:
    """Rebuild all measures from the stream concord.log.

    The command fills new tables, then switches over. The service can run meanwhile: it adds new events to the old and
    the new measures. If the rebuild fails or you interrupt it, the live measures stay as they are. The stream keeps
    events for a limited time; older ones are only in the live measures. The command compares the stream with the
    events that the service has handled, and refuses a switch that would lose concerns or events.

    Exit code: 0 after the switch, 1 without it, 2 for a usage error, 130 after Ctrl-C.

    \b
    Examples:
      concord replay metrics
      concord replay metrics --from 90d --allow-fewer
      concord replay metrics --database sqlite:////srv/metrics.db \\
        --broker amqp://operator:PASSWORD@127.0.0.1/%2F
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM cleans up as Ctrl-C does
    rebuild = _rebuild_of("metrics")
    address = broker_of(broker, home)
    request = RebuildRequest(
        database_url=_database_url(database or os.environ.get(DATABASE_VARIABLE), home),
        broker=address,
        start=start,
        workers=workers or os.cpu_count() or 1,
        allow_fewer=allow_fewer,
        restart=restart,
        actor=actor(),
    )
    try:
        _run(rebuild, request)
    except KeyboardInterrupt as error:
        _print_notes(error)
        sys.exit(INTERRUPTED)
    except (RebuildError, DatabaseUnavailable, amqp.NotFound, *LOST) as error:
        _print_notes(error)
        raise click.ClickException(message(error, address)) from error


def _run(rebuild: Rebuild, request: RebuildRequest) -> None:
    began = time.monotonic()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading events", total=None)
        done = 0

        def progress(read: int, total: int) -> None:
            nonlocal done
            before, done = done, done + read
            bar.update(task, completed=done, total=total)
            if not console.is_terminal and done * 10 // total > before * 10 // total:  # a line for each tenth
                console.print(f"{done:,} of {total:,} events read", highlight=False)

        result = rebuild(request, progress)
    _report(result, time.monotonic() - began)


def _report(result: RebuildResult, seconds: float) -> None:
    click.echo(
        f"Rebuilt from {result.events:,} events in {seconds:.1f} s ({result.events / seconds:,.0f}/s): "
        f"{result.concerns:,} concerns, {result.before:,} before; {result.skipped:,} messages skipped. "
        "The new measures are live."
    )
    if result.missing:
        click.echo(f"Events that the old measures counted and the stream lacks: {result.missing:,}.")


def _rebuild_of(service: str) -> Rebuild:
    """The service's function, by the name that `concord_bus.rebuild` declares. Raises UsageError."""
    try:
        rebuild: Rebuild = import_module(f"concord_{service}.entrypoints.rebuild").rebuild
    except ModuleNotFoundError as error:
        raise UsageError(f"The service '{service}' is not installed: install the package concord-{service}.") from error
    return rebuild


def _database_url(url: str | None, home: Path) -> str:
    """Return the URL of the metrics database, once `open_store` has checked it. Raises UsageError."""
    metrics_url = database_url("metrics", url, home)
    open_store("metrics", metrics_url).close()
    return metrics_url


def _print_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        click.echo(note, err=True)


def message(error: Exception, broker: BrokerAddress) -> str:
    """Return what ended a rebuild, with what to do."""
    if isinstance(error, DatabaseUnavailable):
        return "The metrics database is unavailable: the live measures have not changed."
    if isinstance(error, LOST) and not isinstance(error, amqp.NotFound | amqp.AccessRefused):
        why = lost_reason(error, broker)
        return f"No connection to the broker at {broker.authority} ({why}): start it, or correct --broker."
    return " ".join(str(error).split()) or type(error).__name__
