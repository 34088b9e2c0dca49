"""Which chains are meant: every service of a home folder, one of them, or one database."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from concord_bus.topology import SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.options import home_option
from concord_cli.token.target import Failed, home_database


class Chain(NamedTuple):
    """A chain's name (its service's, or `database`) and the URL of its database."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options name."""

    service: str | None
    database: str | None
    home: Path

    @property
    def several(self) -> bool:
        return self.service is None and self.database is None

    def chains(self) -> list[Chain]:
        """Raises UsageError when there is no such home folder or database."""
        if self.database is not None:
            return [Chain("database", self.database)]
        named = [self.service] if self.service else SERVICES
        return [Chain(each, home_database(self.home, each)) for each in named]


def wanted(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --service, --database and --home; the command gets what is `wanted`."""

    @click.option("--service", type=click.Choice(SERVICES), help="One service of --home.  [default: all with an audit]")
    @click.option("--database", help="A service's database, instead of --home.")
    @home_option()
    @wraps(command)
    def placed(service: str | None, database: str | None, home: Path, **others: Any) -> None:
        if database is not None and service is not None:
            raise UsageError("--database and --service exclude each other.")
        command(wanted=Wanted(service, database, home), **others)

    return placed


def no_audit() -> Failed:
    return Failed("There is no audit: the service has not made its table yet.")
