"""Dead letters: unreadable messages, and messages whose handling failed at every attempt."""

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from concord_client.event import Event


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`body` has the bytes from the broker. An unreadable message has no `event`. `attempts` counts handler calls."""

    reason: str
    body: bytes
    routing_key: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    event: Event | None = None
    attempts: int = 0
    error: BaseException | None = None


DeadLetterSink = Callable[[DeadLetter], None]
"""Stores a dead letter. The subscriber acknowledges it after the return, and calls again after an error."""


class DeadLetterFolder:
    """Stores each dead letter as a JSON file. Copies of a message share one file."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def __call__(self, letter: DeadLetter) -> None:
        """Write the letter to the disk (fsync). Raises OSError."""
        file = self._folder / f"{sha256(letter.body).hexdigest()[:32]}.json"
        beside = file.with_suffix(f".{os.getpid()}")
        with beside.open("w", encoding="utf-8") as opened:
            json.dump(_plain(letter), opened, indent=2)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)


def _plain(letter: DeadLetter) -> dict[str, Any]:
    return {
        "reason": letter.reason,
        "attempts": letter.attempts,
        "routing_key": letter.routing_key,
        "headers": {str(name): repr(value) for name, value in letter.headers.items()},
        "body_base64": base64.b64encode(letter.body).decode("ascii"),
    }
