"""Applying definitions through RabbitMQ's management API. May be repeated: what is there already stays."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

SECONDS = 30
REPEATS, PAUSE = 3, 0.3


class ManagementError(RuntimeError):
    """The management API refused or was not there; the text says what to do. `status` is None without an answer."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


def apply(url: str, document: Mapping[str, Any]) -> None:
    """Import `document` at `url` (`http://user:password@host:15672`), as an administrator. Raises ManagementError."""
    request(url, "POST", "/api/definitions", document)


def request(url: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """One call of the management API; its JSON answer, None when empty. Raises ManagementError.

    RabbitMQ may answer 500 while what it is asked about changes, such as a login whose connections are being closed:
    what may be repeated is tried again.
    """
    for _ in range(REPEATS):
        try:
            return _once(url, method, path, body)
        except ManagementError as error:
            if error.status != 500 or method == "POST":
                raise
            time.sleep(PAUSE)
    return _once(url, method, path, body)


def _once(url: str, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
    parts = urlsplit(url)
    login = f"{unquote(parts.username or 'guest')}:{unquote(parts.password or 'guest')}"
    call = urllib.request.Request(
        f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(call, timeout=SECONDS) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise ManagementError(_explain(error), error.code) from error
    except OSError as error:
        raise ManagementError(f"no management API at {parts.hostname}:{parts.port}: is the plugin enabled?") from error
    return json.loads(text) if text else None


def _explain(error: urllib.error.HTTPError) -> str:
    if error.code == 401:
        return "the management API refused the login: give an administrator's"
    return f"the management API answered {error.code}: {error.read(500).decode('utf-8', 'replace')}"
