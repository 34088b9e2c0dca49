"""Questions to notification's API, and what its refusals mean for a command."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from concord_bus.settings import SettingsError, optional
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import INVENTORY
from concord_cli.common.terminal_text import plain
from concord_nodes.tcp_ports import LOOPBACK

URL_VARIABLE = "CONCORD_NOTIFICATION_URL"
TOKEN_VARIABLE = "CONCORD_OPS_TOKEN"
LIMITS = Limits(connect_seconds=30, read_seconds=30, total_seconds=60)
WRONG = (400, 401, 403, 413, 415, 422)
"""Answers that the call itself is to blame for."""


class Failed(click.ClickException):
    """The call was right but could not be carried out. Exit code 1."""

    exit_code = 1


class Api:
    """Notification at `server`, with the operators' token."""

    def __init__(self, server: ServerAddress, token: str) -> None:
        self._server = server
        self._token = token

    def call(self, method: str, *path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON, None when it has none. Raises UsageError, Failed."""
        given = {name: value for name, value in query.items() if value is not None}
        where = "/".join(quote(each, safe="") for each in ("v1", "webhooks", *path))
        target = f"/{where}" + (f"?{urlencode(given)}" if given else "")
        try:
            with HttpClient(self._server, bearer=self._token, limits=LIMITS) as client:
                response = client.request(method, target, body)
            if not 200 <= response.status < 300:
                raise _refusal(response)
            return response.json()
        except HttpError as error:
            raise Failed(f"No response from notification at {self._server.url}: {error}. Is it running?") from error


def api_of(url: str | None, home: Path) -> Api:
    """Notification at `url`, or of the local run in `home`. Raises UsageError."""
    try:
        token = optional(os.environ, TOKEN_VARIABLE)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    if url:
        try:
            server = ServerAddress.parse(url)
        except ValueError:
            raise UsageError("--service must look like http://notification:8082") from None
        if token is None:
            raise UsageError(
                f"Set {TOKEN_VARIABLE} (or {TOKEN_VARIABLE}_FILE) to the operators' token of notification."
            )
        return Api(server, token)
    return _local(home)


def _local(home: Path) -> Api:
    try:
        port = json.loads((home / INVENTORY).read_text("utf-8"))["ports"]["notification"]
        token = (home / "keys" / "ops-token").read_text("ascii").strip()
    except (OSError, ValueError, KeyError):
        raise UsageError(
            f"No local run has its home in {home}: give --home its folder, or --service the URL of notification."
        ) from None
    return Api(ServerAddress("http", LOOPBACK, port), token)


def _refusal(response: Response) -> click.ClickException:
    try:
        problem = response.json()
        fields = [f"{each['field']}: {each['detail']}" for each in problem.get("errors", [])]
        text = " ".join(fields) or problem.get("detail") or problem["title"]
    except (InvalidJsonError, KeyError, TypeError, AttributeError):
        text = f"Notification answered with status {response.status}."
    return UsageError(plain(text)) if response.status in WRONG else Failed(plain(text))
