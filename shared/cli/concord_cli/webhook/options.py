"""What the sub-commands of `concord webhook` share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from concord_cli.common.options import home_option
from concord_cli.webhook.api_client import TOKEN_VARIABLE, URL_VARIABLE, api_of

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
ENDPOINT = click.argument("endpoint", metavar="ENDPOINT")
Command = Callable[..., Any]


def service(command: Command) -> Command:
    """Adds --home and --service and gives the command `api`."""

    @home_option("Home folder of a local run, whose notification is asked.")
    @click.option(
        "--service",
        "service_url",
        metavar="URL",
        envvar=URL_VARIABLE,
        help=f"Notification elsewhere: http://host:8082, with {TOKEN_VARIABLE} set.",
    )
    @wraps(command)
    def with_api(home: Path, service_url: str | None, **given: Any) -> Any:
        return command(api=api_of(service_url, home), **given)

    return with_api


def listed(text: str | None) -> list[str] | None:
    """`B2,B3` as a list; None when nothing was given."""
    return None if text is None else [each.strip() for each in text.split(",")]
