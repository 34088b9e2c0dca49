"""Options and arguments of the sub-commands of `concord parked`."""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from concord_bus.domain.parked_messages import ParkedFilter
from concord_bus.settings import SettingsError, optional
from concord_bus.topology.declarations import SERVICES
from concord_cli.common.database_urls import database_url
from concord_cli.common.errors import UsageError
from concord_cli.common.options import DATABASE_VARIABLE, JSON, database_options, since_option
from concord_cli.common.service_database import Store, open_store

SERVICE = click.argument("service", metavar="SERVICE", type=click.Choice(list(SERVICES)))
ID = click.IntRange(1, 2**63 - 1)
Command = Callable[..., None]


def filter_options(command: Command) -> Command:
    """Add --type, --reason and --since; the command gets `wanted`, a ParkedFilter."""

    @click.option("--type", "event_type", metavar="TYPE", help="Only this event type; * matches any text.")
    @click.option("--reason", metavar="TEXT", help="Only messages whose reason contains TEXT.")
    @since_option("Only messages parked since then: 30m, 2h or 7d ago, or 2026-11-22T18:20.")
    @wraps(command)
    def with_filter(event_type: str | None, reason: str | None, since: datetime | None, **others: Any) -> None:
        command(wanted=ParkedFilter(event_type, reason, since.timestamp() if since else None), **others)

    return with_filter


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """The database of `service` that --database, the environment or --home names."""

    service: str
    database: str | None
    home: Path

    def open(self) -> closing[Store]:
        """Return the open database, for `with`. Raises UsageError, or ClickException when it is unavailable."""
        try:
            database = self.database or optional(os.environ, DATABASE_VARIABLE)
        except SettingsError as error:
            raise UsageError(str(error)) from error
        return closing(open_store(self.service, database_url(self.service, database, self.home)))


def common_options(command: Command) -> Command:
    """Add --json, --database and --home; the command gets `target` in place of SERVICE and its database."""

    @JSON
    @database_options
    @wraps(command)
    def with_target(service: str, database: str | None, home: Path, **others: Any) -> None:
        command(target=ServiceDatabase(service, database, home), **others)

    return with_target


def now() -> float:
    return datetime.now(UTC).timestamp()
