"""Questions to notification's API, and what its refusals mean for a command."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import click

from concord_bus.settings import SettingsError, optional
from concord_cli.common.errors import UsageError
from concord_cli.common.terminal_text import plain
from concord_cli.up.home_folder import INVENTORY
from concord_nodes.tcp_ports import LOOPBACK

URL_VARIABLE = "CONCORD_NOTIFICATION_URL"
TOKEN_VARIABLE = "CONCORD_OPS_TOKEN"
SECONDS = 30.0
WRONG = (400, 401, 403, 413, 415, 422)
"""Answers that the call itself is to blame for."""


class Failed(click.ClickException):
    """The call was right but could not be carried out. Exit code 1."""

    exit_code = 1


class Api:
    """Notification at `base`, asked with the operators' token."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base.rstrip("/")
        self._token = token

    def call(self, method: str, *path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON, None when it has none. Raises UsageError, Failed."""
        given = {name: value for name, value in query.items() if value is not None}
        where = "/".join(quote(each, safe="") for each in ("v1", "webhooks", *path))
        request = urllib.request.Request(
            f"{self._base}/{where}" + (f"?{urlencode(given)}" if given else ""),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            raise _refusal(refused.code, refused.read()) from refused
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            why = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
            raise Failed(f"Notification does not answer at {self._base}: {why}. Does it run?") from error


def api_of(url: str | None, home: Path) -> Api:
    """Notification at `url`, or of the local run in `home`. Raises UsageError."""
    try:
        token = optional(os.environ, TOKEN_VARIABLE)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    if url:
        if urlsplit(url).scheme not in ("http", "https"):
            raise UsageError("--service must look like http://notification:8082")
        if token is None:
            raise UsageError(
                f"Set {TOKEN_VARIABLE} (or {TOKEN_VARIABLE}_FILE) to the operators' token of notification."
            )
        return Api(url, token)
    return _local(home)


def _local(home: Path) -> Api:
    try:
        port = json.loads((home / INVENTORY).read_text("utf-8"))["ports"]["notification"]
        token = (home / "keys" / "ops-token").read_text("ascii").strip()
    except (OSError, ValueError, KeyError):
        raise UsageError(
            f"No local run has its home in {home}: give --home its folder, or --service the URL of notification."
        ) from None
    return Api(f"http://{LOOPBACK}:{port}", token)


def _refusal(status: int, body: bytes) -> click.ClickException:
    try:
        problem = json.loads(body)
        fields = [f"{each['field']}: {each['detail']}" for each in problem.get("errors", [])]
        text = " ".join(fields) or problem.get("detail") or problem["title"]
    except (ValueError, KeyError, TypeError, AttributeError):
        text = f"Notification answered with status {status}."
    return UsageError(plain(text)) if status in WRONG else Failed(plain(text))
