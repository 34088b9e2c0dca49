"""Choice of the audit chains: every service of a home folder, one of them, or one database."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from concord_access.adapters.sql.audit_tables import audit_entries
from concord_bus.topology.declarations import SERVICES
from concord_cli.common.database_urls import local_url
from concord_cli.common.errors import UsageError
from concord_cli.common.options import home_option


class Chain(NamedTuple):
    """A chain's name (its service's, or `database`) and the URL of its database."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Target:
    """The values of --service, --database and --home."""

    service: str | None
    database: str | None
    home: Path

    @property
    def has_many_chains(self) -> bool:
        return self.service is None and self.database is None

    def chains(self) -> list[Chain]:
        """Return the chains. Raises UsageError when there is no such home folder."""
        if self.database is not None:
            return [Chain("database", self.database)]
        services = [self.service] if self.service else SERVICES
        return [Chain(service, local_url(service, self.home)) for service in services]


def target_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --service, --database and --home; the command gets `target`."""

    @click.option("--service", type=click.Choice(SERVICES), help="One service of --home.  [default: all]")
    @click.option("--database", help="Database of a service, instead of --home.")
    @home_option()
    @wraps(command)
    def with_target(service: str | None, database: str | None, home: Path, **others: Any) -> None:
        if database is not None and service is not None:
            raise UsageError("--database and --service exclude each other.")
        command(target=Target(service, database, home), **others)

    return with_target


def has_audit(connection: Connection) -> bool:
    return inspect(connection).has_table(audit_entries.name)


def no_audit() -> click.ClickException:
    return click.ClickException("No audit: start the service once to create its table.")
