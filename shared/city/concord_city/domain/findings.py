"""Findings of the check of a city folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one file of the folder.

    With an error Concord does not load the city. With a warning it does, but you should look at it. A note is for
    information. `line` counts from 1; it is None for a finding about the whole file.
    """

    level: Level
    file: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.level}: {self.message} -> {self.remedy}"


class CityError(Exception):
    """The folder has an error, so Concord does not load it. `findings` has all findings, also the warnings."""

    def __init__(self, folder: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [str(finding) for finding in self.findings if finding.level == "error"]
        super().__init__(f"the city folder {folder} has errors:\n" + "\n".join(errors))
