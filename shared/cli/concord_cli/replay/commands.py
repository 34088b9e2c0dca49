"""`concord replay metrics`: the options, and what ends it."""

import os
import signal
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import amqp
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from concord_bus.adapters.amqp.connection import LOST
from concord_bus.adapters.amqp.stream_reader import first_of, last_of
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.settings import BrokerAddress
from concord_bus.topology import LOG
from concord_cli.common.audit_actor import actor
from concord_cli.common.broker_target import broker_of
from concord_cli.common.errors import UsageError
from concord_cli.common.service_database import open_store, service_url
from concord_cli.common.time_option import Moment
from concord_cli.parked.options import DATABASE_VARIABLE, where

SETTLE_SECONDS = 2.0
"""A message reaches a queue and the stream at the same time, within moments: this long, and it is in both."""
NAME = "concord replay"
INTERRUPTED = 130


class Start(Moment):
    """`first`, or a moment as `Moment` reads it."""

    name = "start"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if value == "first" else super().convert(value, param, ctx)


@click.group()
def replay() -> None:
    """Rebuild what a service has taken from events."""


@replay.command()
@click.option(
    "--from",
    "start",
    type=Start(),
    default="first",
    show_default=True,
    metavar="START",
    help="Where to begin: first (of the stream), or 30d, 12h ago, or 2026-11-22T18:20.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read.  [default: one for each core]")
@click.option("--allow-fewer", is_flag=True, help="Switch over also when the stream tells of fewer concerns.")
@click.option("--restart", is_flag=True, help="Begin anew after a rebuilding that was broken off.")
@click.option(
    "--broker",
    metavar="URL",
    envvar="CONCORD_BROKER_URL",
    show_envvar=True,
    help="amqp://user:password@host:5672/vhost, a login that may read concord.log.  [default: that of --home]",
)
@where
def metrics(
    start: str | datetime,
    workers: int | None,
    allow_fewer: bool,
    restart: bool,
    broker: str | None,
    home: Path,
    database: str | None,
) -> None:
    """Rebuild every measure from the stream concord.log, beside the live ones, and switch over.

    The service may be running and goes on answering and measuring: what comes meanwhile is in the new measures too.
    When it is interrupted the live measures stay as they are. The stream keeps events for a limited time; what is
    older is only in the live measures, and the switch is refused when it would lose concerns.

    Exit code: 0 when switched over, 1 when not, 2 for a wrong call, 130 after Ctrl-C.

    \b
    Examples:
      concord replay metrics
      concord replay metrics --from 90d --allow-fewer
      concord replay metrics --broker amqp://operator:PASSWORD@127.0.0.1/%2F --database sqlite:////srv/metrics.db
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it gives up as after Ctrl-C
    rebuilding = _rebuilding()
    address = broker_of(broker, home)
    opened = _database(rebuilding, database or os.environ.get(DATABASE_VARIABLE), home)
    try:
        if restart:
            rebuilding.abandon(opened)
        rebuilding.begin(opened)
    except (rebuilding.NotRebuilt, DatabaseUnavailable) as error:
        opened.dispose()
        raise click.ClickException(_why(error)) from error
    try:
        _run(rebuilding, opened, address, start, workers or os.cpu_count() or 1, allow_fewer)
    except KeyboardInterrupt:
        _give_up(rebuilding, opened)
        sys.exit(INTERRUPTED)
    except (rebuilding.NotRebuilt, DatabaseUnavailable, amqp.NotFound, *LOST) as error:
        _give_up(rebuilding, opened)
        raise click.ClickException(_why(error)) from error
    finally:
        opened.dispose()


def _run(
    rebuilding: Any,
    database: Any,
    address: BrokerAddress,
    start: str | datetime,
    workers: int,
    fewer: bool,
) -> None:
    time.sleep(SETTLE_SECONDS)
    last = last_of(address, NAME, LOG)
    first = None if last is None else first_of(address, NAME, LOG, start)
    if first is None or last is None:
        raise rebuilding.NotRebuilt(f"{LOG} holds no event from there on.")
    began = time.monotonic()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading events", total=last - first + 1)
        tell = _telling(console, last - first + 1)

        def progress(read: int) -> None:
            bar.advance(task, read)
            tell(read)

        events, skipped = rebuilding.fill(database, address, LOG, rebuilding.Stretch(first, last), workers, progress)
    concerns, before = rebuilding.switch(database, fewer, actor(), datetime.now(UTC))
    seconds = time.monotonic() - began
    click.echo(
        f"Rebuilt from {events:,} events in {seconds:.1f} s ({events / seconds:,.0f}/s): {concerns:,} concerns, "
        f"{before:,} before; {skipped:,} messages were passed over. The new measures are live."
    )


def _telling(console: Console, total: int) -> Any:
    """A line for each tenth, where there is no terminal to draw a bar on."""
    done = 0

    def tell(read: int) -> None:
        nonlocal done
        before, done = done, done + read
        if not console.is_terminal and done * 10 // total > before * 10 // total:
            console.print(f"{done:,} of {total:,} events read", highlight=False)

    return tell


def _rebuilding() -> Any:
    try:
        return import_module("concord_metrics.application.rebuild")
    except ModuleNotFoundError as error:
        raise UsageError("The service 'metrics' is not installed here: install concord-metrics.") from error


def _database(rebuilding: Any, url: str | None, home: Path) -> Any:
    """The metrics database, which `open_store` has found to be one. Raises UsageError."""
    open_store("metrics", url, home).close()
    return rebuilding.open_database(
        service_url("metrics", url) if url else f"sqlite:///{home.absolute() / 'metrics' / 'metrics'}.db"
    )


def _give_up(rebuilding: Any, database: Any) -> None:
    try:
        rebuilding.abandon(database)
    except DatabaseUnavailable:
        click.echo("The database is away: --restart next time.", err=True)


def _why(error: Exception) -> str:
    if isinstance(error, DatabaseUnavailable):
        return "The metrics database is away: the live measures are as they were."
    return " ".join(str(error).split()) or type(error).__name__
