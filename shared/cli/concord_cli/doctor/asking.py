"""One HTTP question, with the times that tell how the other clock stands."""

import base64
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from concord_cli.doctor.machine_rules import skew

SECONDS = 10.0


class NoAnswer(Exception):
    """Nobody answered; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`ahead` is by how many seconds the other clock is ahead of ours, None when it told no time."""

    status: int
    body: bytes
    ahead: float | None

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body)


def ask(base: str, path: str) -> Answer:
    """GET `path` at `base`, which may hold a login. Any status is an answer. Raises NoAnswer."""
    parts = urlsplit(base)
    host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    request = urllib.request.Request(f"{parts.scheme}://{host}{parts.path.rstrip('/')}{path}")
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    sent = time.time()
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            status, headers, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise NoAnswer(getattr(reason, "strerror", None) or str(reason) or type(error).__name__) from error
    return Answer(status, body, _ahead(headers.get("Date"), sent, time.time()))


def _ahead(date: str | None, sent: float, received: float) -> float | None:
    try:
        return skew(sent, parsedate_to_datetime(date).timestamp(), received) if date else None
    except ValueError:
        return None
