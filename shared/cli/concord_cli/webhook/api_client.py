"""Client of notification's API, and the exit codes for its refusals."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from concord_bus.settings import SettingsError, optional
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import read_inventory
from concord_cli.common.terminal_text import plain
from concord_http import HttpClient, HttpError, InvalidJsonError, Limits, Response, ServerAddress
from concord_nodes.tcp_ports import LOOPBACK

URL_VARIABLE = "CONCORD_NOTIFICATION_URL"
TOKEN_VARIABLE = "CONCORD_OPS_TOKEN"
LIMITS = Limits(connect_seconds=30, read_seconds=30, total_seconds=60)
USAGE_STATUSES = (400, 401, 403, 413, 415, 422)
"""Statuses that report a fault of the call itself."""


class Api:
    """Notification at `server`, with the operators' token."""

    def __init__(self, server: ServerAddress, token: str) -> None:
        self._server = server
        self._token = token

    def call(self, method: str, *path: str, body: Any = None, **query: Any) -> Any:
        """Return the JSON of the response, None for an empty one. Raises UsageError or ClickException."""
        target = "/" + "/".join(quote(part, safe="") for part in ("v1", "webhooks", *path))
        if parameters := {name: value for name, value in query.items() if value is not None}:
            target += f"?{urlencode(parameters)}"
        try:
            with HttpClient(self._server, bearer=self._token, limits=LIMITS) as client:
                response = client.request(method, target, body)
            if not 200 <= response.status < 300:
                raise _refusal(response)
            return response.json()
        except HttpError as error:
            raise click.ClickException(
                f"No response from notification at {self._server.url}: {error}. Is it running?"
            ) from error


def api_of(url: str | None, home: Path) -> Api:
    """Return notification at `url`, else that of the local run in `home`. Raises UsageError."""
    if not url:
        return _local(home)
    try:
        server, token = ServerAddress.parse(url), optional(os.environ, TOKEN_VARIABLE)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    except ValueError:
        raise UsageError("--service must look like http://notification:8082") from None
    if token is None:
        raise UsageError(f"Set {TOKEN_VARIABLE} (or {TOKEN_VARIABLE}_FILE) to the operators' token of notification.")
    return Api(server, token)


def _local(home: Path) -> Api:
    try:
        port = read_inventory(home)["ports"]["notification"]
        token = (home / "keys" / "ops-token").read_text("ascii").strip()
    except (UsageError, OSError, ValueError, KeyError):
        raise UsageError(f"No local run in {home}: set --home, or --service to the URL of notification.") from None
    return Api(ServerAddress("http", LOOPBACK, port), token)


def _refusal(response: Response) -> click.ClickException:
    try:
        problem = response.json()
        faults = [f"{fault['field']}: {fault['detail']}" for fault in problem.get("errors", [])]
        text = " ".join(faults) or problem.get("detail") or problem["title"]
    except (InvalidJsonError, KeyError, TypeError, AttributeError):
        text = f"Notification answered with status {response.status}."
    return (UsageError if response.status in USAGE_STATUSES else click.ClickException)(plain(text))
