"""The CSV file of `concord city try`: one line for each concern whose decision changes."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from concord_city.domain.comparison import Comparison, Decision
from concord_cli.common.errors import UsageError
from concord_contracts.csv_cells import as_text

DECISION_COLUMNS = ("area", "team", "reason", "rule", "acknowledge_by", "respond_by")
COLUMNS = (
    *("id", "category", "channel", "received_at", "changes"),
    *(f"now_{name}" for name in DECISION_COLUMNS),
    *(f"new_{name}" for name in DECISION_COLUMNS),
)


class ChangesFile:
    """Writes changed decisions. Times are UTC, to the second; `changes` lists the columns that differ."""

    def __init__(self, out: TextIO) -> None:
        self._csv = csv.writer(out, lineterminator="\n")
        self._csv.writerow(COLUMNS)

    def add(self, comparison: Comparison) -> None:
        """Write the comparison if its decisions differ."""
        differences = comparison.differences
        if differences:
            concern = comparison.concern
            about = (concern.id, concern.category, concern.channel, _text(concern.received_at), " ".join(differences))
            cells = (*about, *_cells(comparison.now), *_cells(comparison.new))
            self._csv.writerow([cell and as_text(cell) for cell in cells])


@contextmanager
def changes_file(file: Path | None) -> Iterator[ChangesFile | None]:
    """Yield a writer for the file; None without one. Raises UsageError for a file that cannot be written."""
    if file is None:
        yield None
        return
    try:
        out = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"--csv: {file} cannot be written: {error.strerror}. Name another file.") from error
    with out:
        yield ChangesFile(out)


def _cells(decision: Decision) -> Iterator[str | None]:
    for name in DECISION_COLUMNS:
        value = getattr(decision, name)
        yield _text(value) if isinstance(value, datetime) else value


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
