"""Watches the space on the file systems to which a service writes."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic
from typing import Protocol

import structlog

from concord_bus.domain.disk_space import MIB, Space, shortage
from concord_bus.settings import int_setting

log = structlog.get_logger("concord.disk")

LEAST_MIB = "CONCORD_DISK_FREE_MIB"
DEFAULT_MIB = 64
LOOK_SECONDS = 10.0


class Usage(Protocol):
    """The result of `shutil.disk_usage`, in bytes."""

    @property
    def free(self) -> int: ...


class DiskWatch:
    """Names each file system with too little space: `check` for readiness, `look_when_due` for the log."""

    def __init__(
        self,
        folders: Iterable[Path],
        least: int,
        usage: Callable[[Path], Usage] = shutil.disk_usage,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`least` is the space in bytes that a disk needs; `usage` examines a folder and raises OSError."""
        self._folders = one_for_each_disk(folders)
        self._least = least
        self._usage = usage
        self._clock = clock
        self._looked: float | None = None
        self._short: frozenset[str] = frozenset()

    @classmethod
    def from_env(cls, env: Mapping[str, str], database_url: str) -> "DiskWatch":
        """Watch the folder of an SQLite database, and the current one. Raises SettingsError."""
        least = int_setting(env, LEAST_MIB, DEFAULT_MIB, minimum=1) * MIB
        return cls([*_database_folder(database_url), Path.cwd()], least)

    def check(self) -> str | None:
        """Return the reason that the service is not ready, or None."""
        return "; ".join(reason for reason in self._reasons().values()) or None

    def look_when_due(self) -> None:
        """Log a line when a disk has become full, and one when it has space again. Call it often."""
        now = self._clock()
        if self._looked is not None and now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        reasons = self._reasons()
        for folder in sorted(reasons.keys() - self._short):
            log.error("not ready: " + reasons[folder], folder=folder)
        for folder in sorted(self._short - reasons.keys()):
            log.info("the disk has space again", folder=folder)
        self._short = frozenset(reasons)

    def _reasons(self) -> dict[str, str]:
        found = ((str(folder), shortage(self._space(folder), self._least)) for folder in self._folders)
        return {folder: reason for folder, reason in found if reason}

    def _space(self, folder: Path) -> Space:
        try:
            return Space(str(folder), self._usage(folder).free)
        except OSError:
            return Space(str(folder), None)


def one_for_each_disk(folders: Iterable[Path]) -> list[Path]:
    """Return the first folder of each file system. A folder that is not there stands for itself."""
    disks: dict[int | str, Path] = {}
    for folder in folders:
        try:
            disks.setdefault(os.stat(folder).st_dev, folder)
        except OSError:
            disks[str(folder)] = folder
    return list(disks.values())


def _database_folder(url: str) -> list[Path]:
    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return []
    return [Path(parsed.database).absolute().parent]
