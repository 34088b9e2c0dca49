"""A service's looks at its city folder while it runs."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import structlog
from eventlet.green import subprocess

from concord_city.adapters.folder_watch import CheckFailed, CityWatch

log = structlog.get_logger("concord.city")

CHECK_SECONDS = 120.0
MAX_PLACES = 3
"""Errors in the warning; `concord city check` lists all."""

T = TypeVar("T")


class CityLook:
    """Looks once for each call, and logs a change or a new reason against one."""

    def __init__(self, watch: CityWatch[Any]) -> None:
        self._watch = watch
        self._warning: str | None = None

    def __call__(self) -> bool:
        """Return whether another city is live now."""
        changed, warning = self._watch.look(), self._watch.warning
        if changed:
            log.info("another city folder is live", digest=self._watch.live.digest)
        elif warning not in (None, self._warning):
            log.warning(warning)
        self._warning = warning
        return changed


def read_after_check(read: Callable[[Path], T], folder: Path) -> T:
    """Check the whole folder in a process of its own, then read the part that the service needs.

    Raises ValueError with the places of the errors, CheckFailed for a check without a result, and what `read` raises.
    """
    command = [sys.executable, "-W", "ignore", "-m", "concord_city.adapters.folder_check", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=CHECK_SECONDS, text=True, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise CheckFailed(f"it did not end: {type(error).__name__}") from error
    places = done.stdout.split("\n")[:-1]
    if done.returncode and not places:
        raise CheckFailed(f"it ended with {done.returncode}")
    if done.returncode:
        more = f" and {len(places) - MAX_PLACES} more" if len(places) > MAX_PLACES else ""
        raise ValueError(", ".join(places[:MAX_PLACES]) + more)
    return read(folder)
