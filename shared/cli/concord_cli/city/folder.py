"""Writes a new folder: beside its place first, so that nobody ever sees half of it."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from concord_city.domain.findings import Finding

Check = Callable[[Path], Sequence[Finding]]


class FolderInUse(Exception):
    """The folder has something in it already. The text says what to do."""


class Unusable(Exception):
    """The check found errors in the new files. It leaves nothing of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, findings)))


def write_checked(folder: Path, files: Mapping[str, str], check: Check) -> Sequence[Finding]:
    """Write the files and return the warnings of the check. The folder must be empty, or must not exist.

    Raises FolderInUse, Unusable, and OSError if the file system refuses something.
    """
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.parent / f".{folder.name}.{os.getpid()}.new"
    beside.mkdir()
    try:
        for name, text in files.items():
            (beside / name).write_bytes(text.encode("utf-8", "replace"))
        findings = check(beside)
        if any(finding.level == "error" for finding in findings):
            raise Unusable(findings)
        _move(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return findings


def check_free(folder: Path) -> None:
    """Raise FolderInUse unless the folder is new or empty."""
    if folder.exists() and not folder.is_dir():
        raise FolderInUse(f"{folder} is not a folder: choose another name")
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(f"{folder} exists and is not empty: choose another folder, or empty it first")


def _move(beside: Path, folder: Path) -> None:
    """Rename the folder. Move files one by one into an existing one, as a terminal may be in it."""
    if not folder.exists():
        beside.rename(folder)
        return
    for file in beside.iterdir():
        file.rename(folder / file.name)
