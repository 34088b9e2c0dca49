"""Notices a changed city folder while a service runs, and replaces what the service made of it in one step."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from concord_city.domain.findings import CityError

FILES = ("city.toml", "areas.geojson", "categories.toml", "teams.toml", "rules.toml")
OPTIONAL_FILES = ("desk.toml",)
"""Files that a service reads where they are, and that a folder may lack."""
UNFINISHED = ".unfinished-change"
"""A file in the folder while `concord city apply` replaces the others. Nobody loads a folder with it."""

T = TypeVar("T")
Read = Callable[[Path], T]
Run = Callable[..., Any]
Signature = tuple[tuple[str, int, int, int], ...]


class CheckFailed(Exception):
    """The check of a folder did not come to an end. The text says why; another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class LiveCity(Generic[T]):
    """The `value` that a service made of a city folder, and the digest of the folder's content."""

    value: T
    digest: str


class CityWatch(Generic[T]):
    """Holds the live city. `look` replaces it when the folder has changed and is usable.

    `warning` says why a changed folder is not live, or is None. A reader takes `live` once for each piece of work, so
    that all of its decisions come from one city.
    """

    def __init__(self, folder: Path, read: Read[T], run: Run = lambda function, *args: function(*args)) -> None:
        """`read` makes the value from the folder; it raises CityError, or ValueError with a text for the operator.

        `run` calls it, possibly in a thread or after a check that may raise CheckFailed. Raises what `read` raises.
        """
        self.folder = folder
        self._read = read
        self._run = run
        self._known = self._seen = signature(folder)
        content = digest(folder)  # first: a change during the reading then counts as one
        self.live = LiveCity(read(folder), content)
        self.warning: str | None = None

    def look(self) -> bool:
        """Look at the folder; return whether another city is live now.

        A change counts once it has stayed for two looks in a row, because its files change one after the other.
        """
        now = signature(self.folder)
        if now == self._known:
            return False
        if now != self._seen:
            self._seen = now
            return False
        return self._take(now)

    def _take(self, now: Signature) -> bool:
        content = digest(self.folder)
        if content == self.live.digest:
            self._known, self.warning = now, None
            return False
        try:
            value = self._run(self._read, self.folder)
        except CheckFailed as error:
            self.warning = (
                f"the changed city folder {self.folder} could not be checked ({error}): the next look tries again"
            )
            return False
        except (CityError, ValueError, OSError) as error:
            self._known, self.warning = now, _warning(self.folder, error)
            return False
        if signature(self.folder) != now:  # it changed during the reading
            return False
        self._known, self.warning = now, None
        self.live = LiveCity(value, content)
        return True


def digest(folder: Path) -> str:
    """Return the SHA-256 of the files, as hexadecimal text. A missing one of the five counts as such."""
    total = hashlib.sha256()
    # An optional file counts only where it is, so that a folder without it keeps the digest of earlier versions.
    for name in (*FILES, *(name for name in OPTIONAL_FILES if (folder / name).exists())):
        try:
            content = (folder / name).read_bytes()
        except OSError:
            total.update(f"{name} -\n".encode())
        else:
            total.update(f"{name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def signature(folder: Path) -> Signature:
    """Return what changes with a file's content, without a look into it. A missing file counts as such."""
    return tuple(_signature(folder / name) for name in (*FILES, *OPTIONAL_FILES, UNFINISHED))


def _signature(file: Path) -> tuple[str, int, int, int]:
    try:
        status = file.stat()
    except OSError:
        return file.name, 0, 0, 0
    return file.name, status.st_ino, status.st_size, status.st_mtime_ns


def _warning(folder: Path, error: Exception) -> str:
    """Return the places of the first errors, without the texts that they quote."""
    cause = str(error)
    if isinstance(error, CityError):
        errors = [finding for finding in error.findings if finding.level == "error"]
        places = [each.file if each.line is None else f"{each.file}:{each.line}" for each in errors]
        cause = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    return (
        f"the changed city folder {folder} has errors ({cause}), so the city from before stays live: "
        f"correct them, see `concord city check {folder}`"
    )
