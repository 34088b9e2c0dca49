"""Query: what an import would do with its lines. It stores nothing."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from concord_bus.ports import Clock
from concord_intake.application.repeated_lines import IncomingLine, RepeatedLine, RepeatedLines
from concord_intake.application.submit_concern import SubmitConcern, imported_line
from concord_intake.domain.concern import create_concern, new_concern_id
from concord_intake.domain.receipt import Receipts
from concord_intake.ports import Store

NO_RECEIPT = b""


@dataclass(frozen=True, slots=True)
class Unseen:
    """The outcome of a line that would create a concern."""


class PreviewImport:
    """Compares lines with what intake has. All lines of a call see one view of the database, and each other."""

    def __init__(
        self, receipts: Receipts, open_store: Callable[[], AbstractContextManager[Store]], clock: Clock
    ) -> None:
        self._receipts = receipts
        self._open_store = open_store
        self._clock = clock

    def __call__(self, commands: Sequence[SubmitConcern]) -> Sequence[RepeatedLine | Unseen]:
        """Return one outcome for each command with a line, in order. Raises ResourceUnavailable."""
        now = self._clock()
        incoming = [self._incoming(command) for command in commands]
        with self._open_store() as store:
            stored = dict(store.lines(line.told.line for line in incoming))
            concerns = dict(store.concerns({line.concern_id for line in stored.values()}))
        new: set[str] = set()
        for line in incoming:
            told = line.told
            if stored.setdefault(told.line, told) is told:
                concerns[told.concern_id] = create_concern(line.submission, told.concern_id, NO_RECEIPT, now)
                new.add(told.concern_id)
        again = RepeatedLines(stored, concerns)
        outcomes = [Unseen() if line.told.concern_id in new else again.take(line) for line in incoming]
        return [_without_new_id(outcome, new) for outcome in outcomes]

    def _incoming(self, command: SubmitConcern) -> IncomingLine:
        assert command.line is not None, "only lines have a preview"
        concern_id = new_concern_id(self._clock())
        return IncomingLine(
            imported_line(command.line, command.submission, concern_id, self._receipts), command.submission
        )


def _without_new_id(outcome: RepeatedLine | Unseen, new: Collection[str]) -> RepeatedLine | Unseen:
    if isinstance(outcome, RepeatedLine) and outcome.concern_id in new:
        return replace(outcome, concern_id=None)
    return outcome
