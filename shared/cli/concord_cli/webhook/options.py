"""Options and arguments of the sub-commands of `concord webhook`."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from concord_cli.common.options import JSON, home_option
from concord_cli.webhook.api_client import TOKEN_VARIABLE, URL_VARIABLE, api_of

ENDPOINT = click.argument("endpoint", metavar="ENDPOINT")
Command = Callable[..., Any]


def common_options(command: Command) -> Command:
    """Add --json, --home and --service; the command gets the `api` of the notification service."""

    @JSON
    @home_option()
    @click.option(
        "--service",
        "service_url",
        metavar="URL",
        envvar=URL_VARIABLE,
        help=f"Notification service outside --home: http://host:8082. Needs {TOKEN_VARIABLE}.",
    )
    @wraps(command)
    def with_api(home: Path, service_url: str | None, **others: Any) -> Any:
        return command(api=api_of(service_url, home), **others)

    return with_api


def code_list(text: str | None) -> list[str] | None:
    """Return `B2,B3` as a list, None for an option that is not there."""
    return None if text is None else [code.strip() for code in text.split(",")]
