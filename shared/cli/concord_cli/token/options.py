"""Options of the sub-commands of `concord token`: the database of a service that recognises the keys."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from concord_bus.topology.declarations import SERVICES
from concord_cli.common.database_urls import local_url
from concord_cli.common.errors import UsageError
from concord_cli.common.options import home_option


@dataclass(frozen=True, slots=True)
class Target:
    """The URL of a database. `home` and `service` name its local run; both are None for --database."""

    url: str
    home: Path | None = None
    service: str | None = None


def target_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --database, --home and --service; the command gets `target`."""

    @click.option("--database", help="Database of the service.  [default: its SQLite file in --home]")
    @home_option()
    @click.option(
        "--service",
        type=click.Choice(SERVICES),
        default="routing",
        show_default=True,
        help="Service whose keys to manage, with --home.",
    )
    @wraps(command)
    def with_target(database: str | None, home: Path, service: str, **others: Any) -> None:
        if database is None:
            return command(target=Target(local_url(service, home), home, service), **others)
        context = click.get_current_context()
        for other in ("home", "service"):
            if context.get_parameter_source(other) is ParameterSource.COMMANDLINE:
                raise UsageError(f"--database and --{other} exclude each other.")
        return command(target=Target(database), **others)

    return with_target
