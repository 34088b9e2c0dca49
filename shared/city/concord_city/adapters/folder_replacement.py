"""Replaces the content of a city folder that services may read at any moment."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from concord_city.adapters.folder_watch import FILES, UNFINISHED

MORE_FILES = ("columns.toml",)
"""Files that belong to a city, and that no service reads. A folder may lack them."""


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


@contextmanager
def _unfinished(folder: Path) -> Iterator[None]:
    """Mark the folder; the mark stays after an error."""
    (folder / UNFINISHED).touch()
    _sync(folder)
    yield
    _sync(folder)
    (folder / UNFINISHED).unlink()
    _sync(folder)


def _replace(file: Path, content: bytes) -> None:
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    if file.exists():
        shutil.copymode(file, beside)
    beside.replace(file)


def _sync(folder: Path) -> None:
    """Write the names of the folder's files to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
