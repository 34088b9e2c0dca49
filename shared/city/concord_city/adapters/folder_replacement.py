"""Replaces the content of a city folder that services may read at any moment."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from concord_city.adapters.folder_watch import FILES, UNFINISHED

MORE_FILES = ("columns.toml", "desk.toml")
"""Files that belong to a city, and that a folder may lack."""


def replace_content(target: Path, source: Path) -> None:
    """Give `target` the files of `source`, each in one step. Raises OSError.

    Until all are there, the folder holds the file UNFINISHED, and nobody loads it. After a crash, a repetition ends the
    change. The folder itself stays the same one, because a container may have mounted it.
    """
    contents = {name: (source / name).read_bytes() for name in FILES}
    contents |= {name: (source / name).read_bytes() for name in MORE_FILES if (source / name).exists()}
    with _unfinished(target):
        for name, content in contents.items():
            _replace(target / name, content)


def differs_beside(target: Path, source: Path) -> bool:
    """Return whether a file of MORE_FILES in `source` has another content than in `target`."""
    return any((source / name).exists() and _content(source / name) != _content(target / name) for name in MORE_FILES)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


@contextmanager
def _unfinished(folder: Path) -> Iterator[None]:
    """Mark the folder; the mark stays after an error. Raises OSError while another process changes the folder."""
    with _locked(folder):
        (folder / UNFINISHED).touch()
        _sync(folder)
        yield
        _sync(folder)
        (folder / UNFINISHED).unlink()
        _sync(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, "another `concord city apply` is at work", str(folder)) from error
    finally:
        os.close(descriptor)


def _replace(file: Path, content: bytes) -> None:
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    _keep_access(file if file.exists() else file.parent / FILES[0], beside)
    beside.replace(file)


def _keep_access(old: Path, new: Path) -> None:
    """Give the new file the mode and, as far as we may, the owner of the old one: services must still read it."""
    if old.exists():
        shutil.copymode(old, new)
        with suppress(PermissionError):
            status = old.stat()
            os.chown(new, status.st_uid, status.st_gid)


def _sync(folder: Path) -> None:
    """Write the names of the folder's files to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
