"""What the sub-commands of `concord parked` share: their options, and the database these name."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from concord_bus.domain.parked_messages import ParkedFilter
from concord_bus.settings import SettingsError, optional
from concord_bus.topology import SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.options import home_option
from concord_cli.common.service_database import Store, open_store
from concord_cli.common.time_option import Moment

DATABASE_VARIABLE = "CONCORD_DATABASE_URL"
SERVICE = click.argument("service", metavar="SERVICE", type=click.Choice(list(SERVICES)))
ID = click.IntRange(1, 2**63 - 1)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
Command = Callable[..., None]


def where(command: Command) -> Command:
    home = home_option("Home folder of a local run, with each service's SQLite file.")
    database = click.option(
        "--database",
        metavar="URL",
        help="The service's database; ending in / a server with concord_<service>.  "
        f"[default: {DATABASE_VARIABLE}, else in --home]",
    )
    return database(home(command))


def which(command: Command) -> Command:
    kind = click.option("--type", "kind", metavar="TYPE", help="Only this type; * stands for any text.")
    reason = click.option("--reason", metavar="TEXT", help="Only those whose reason holds this text.")
    since = click.option("--since", type=Moment(), help="Only those parked since: 30m, 2h, 7d, 2026-11-22T18:20.")
    return kind(reason(since(command)))


class Opened:
    """The service's database for the length of a block."""

    def __init__(self, service: str, database: str | None, home: Path) -> None:
        try:
            url = database or optional(os.environ, DATABASE_VARIABLE)
        except SettingsError as error:
            raise UsageError(str(error)) from error
        self._store = open_store(service, url, home)

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


def wanted_of(kind: str | None, reason: str | None, since: datetime | None) -> ParkedFilter:
    return ParkedFilter(kind, reason, since.timestamp() if since else None)


def now() -> float:
    return datetime.now(UTC).timestamp()
