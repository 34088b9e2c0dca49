"""Import lines that come again: what each of them changes, one after the other, in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from concord_bus.ports import Work
from concord_intake.domain.concern import Concern, ImportedHistory, Submission
from concord_intake.domain.events import history_event
from concord_intake.domain.import_comparison import SAME, Comparison, Differs, Updated, compare
from concord_intake.domain.import_source import ImportedLine, Line
from concord_intake.ports import Store


@dataclass(frozen=True, slots=True)
class RepeatedLine:
    """The outcome of a line whose concern exists: what the line changes of it.

    In a preview the concern may be one that the same lines would create. It has no id yet.
    """

    concern_id: str | None
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """A line as it comes: `told` is what a store would hold of it if it were new."""

    told: ImportedLine
    submission: Submission


class RepeatedLines:
    """Compares lines with `stored` and their `concerns`. A line may come more than once in a transaction.

    `saved` are the lines to replace in the store, and `updated` the histories to publish, by concern.
    """

    def __init__(self, stored: Mapping[Line, ImportedLine], concerns: Mapping[str, Concern]) -> None:
        self._lines = dict(stored)
        self._concerns = concerns
        self.saved: dict[Line, ImportedLine] = {}
        self.updated: dict[str, ImportedHistory] = {}

    def take(self, line: IncomingLine) -> RepeatedLine:
        """Return the outcome of a line, and note what follows from it."""
        told, known = line.told, self._lines[line.told.line]
        if told.fingerprint == known.fingerprint:
            return RepeatedLine(known.concern_id, SAME)
        comparison = compare(known, self._concerns[known.concern_id], line.submission)
        if isinstance(comparison, Updated):
            self.updated[known.concern_id] = comparison.history
        if not isinstance(comparison, Differs) and _tells_all(told, known):
            self._lines[known.line] = self.saved[known.line] = told._replace(concern_id=known.concern_id)
        return RepeatedLine(known.concern_id, comparison)


def _tells_all(told: ImportedLine, known: ImportedLine) -> bool:
    """Return whether the line may replace the known one: not if it leaves out a history that the other has or may
    have."""
    return told.reported_at is not None or (known.fingerprint is not None and known.reported_at is None)


def take_again(
    incoming: Iterable[IncomingLine], stored: Mapping[Line, ImportedLine], work: Work[Store]
) -> list[RepeatedLine]:
    """Return the outcome of each line, save what has changed and publish it. Reads only what a fingerprint leaves open.

    The lock keeps two processes with the same line apart, so the last event has the state that the store keeps.
    """
    incoming = list(incoming)
    moved = [line.told.line for line in incoming if line.told.fingerprint != stored[line.told.line].fingerprint]
    lines = {**stored, **work.store.lines(moved, lock=True)} if moved else stored
    again = RepeatedLines(lines, work.store.concerns({lines[line].concern_id for line in moved}))
    outcomes = [again.take(line) for line in incoming]
    work.store.save_lines(list(again.saved.values()))
    counts = work.store.count_event_of_each(sorted(again.updated))
    for concern_id, history in again.updated.items():
        work.publish(history_event(concern_id, history, counts[concern_id], work.now))
    return outcomes
