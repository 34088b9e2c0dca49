"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from concord_cli.common.time_option import TimeParam

DATABASE_VARIABLE = "CONCORD_DATABASE_URL"
Command = TypeVar("Command", bound=Callable[..., Any])
CITY_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def home_option(help_text: str = "Home folder of a local run.") -> Callable[[Command], Command]:
    """Return the option --home: a folder that need not exist, by default `.concord`."""
    kind = click.Path(file_okay=False, path_type=Path)
    return click.option("--home", type=kind, default=Path(".concord"), show_default=True, help=help_text)


def json_option(help_text: str = "Print JSON instead of text.") -> Callable[[Command], Command]:
    """Return the flag --json, which the command receives as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)


def since_option(help_text: str, **options: Any) -> Callable[[Command], Command]:
    """Return the option --since with a time; `help_text` says of what it is the start."""
    return click.option("--since", type=TimeParam(), help=help_text, **options)


JSON = json_option()
BROKER = click.option(
    "--broker",
    metavar="URL",
    envvar="CONCORD_BROKER_URL",
    show_envvar=True,
    help="Broker login with read permission on concord.log: amqp://user:password@host:5672/vhost.  "
    "[default: the broker of --home]",
)


def database_options(command: Command) -> Command:
    """Add --home and --database, which choose the database of a service."""
    database = click.option(
        "--database",
        metavar="URL",
        help="Database of the service. A URL that ends in / names a server with a database concord_SERVICE.  "
        f"[default: {DATABASE_VARIABLE}, else the SQLite file in --home]",
    )
    return database(home_option()(command))
