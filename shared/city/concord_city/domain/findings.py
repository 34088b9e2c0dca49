"""What a check of a city folder has to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one file of the folder.

    error: the city cannot be used; warning: it can, and somebody should look; note: for information.
    `line` counts from 1; None when the finding is about the whole file.
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
    """The folder cannot be used as a city. `findings` holds everything found, warnings included."""

    def __init__(self, folder: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [str(finding) for finding in self.findings if finding.level == "error"]
        super().__init__(f"{folder} is not a usable city folder:\n" + "\n".join(errors))
