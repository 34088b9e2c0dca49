"""Command: import concerns in bulk. One line's error does not affect the other lines.

Each transaction that imports or updates history appends an entry to the audit chain for each of the two. An import can
stop after any transaction, and every committed line with a history still has its entry.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

import structlog

from concord_access.audit import Entry, as_code
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.ports import Work
from concord_intake.application.preview_import import PreviewImport, Unseen
from concord_intake.application.repeated_lines import RepeatedLine
from concord_intake.application.submit_concern import Accepted, Outcome, SubmitConcern
from concord_intake.domain.import_comparison import Updated
from concord_intake.ports import ReceiptTaken, Store

log = structlog.get_logger("concord.intake")

IMPORTED, UPDATED = "history.imported", "history.updated"
"""Audit actions."""

SubmitHandler = Callable[[Sequence[SubmitConcern], Work[Store]], Sequence[Outcome]]


class Refusal(Enum):
    """The reasons not to import a valid line."""

    HISTORY_NOT_ALLOWED = auto()
    DATABASE_UNAVAILABLE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class HistoryImport:
    """An import request whose login may import history: the login's subject and the name of the source."""

    importer: str
    source: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def entries(self, commands: Sequence[SubmitConcern], outcomes: Sequence[Outcome], now: datetime) -> Iterator[Entry]:
        """Yield the audit entries of one transaction: about new histories, and about those that moved on."""
        imported = sum(
            command.submission.history is not None and isinstance(outcome, Accepted) and not outcome.repeated
            for command, outcome in zip(commands, outcomes, strict=True)
        )
        updated = sum(
            isinstance(outcome, RepeatedLine) and isinstance(outcome.comparison, Updated) for outcome in outcomes
        )
        for action, lines in ((IMPORTED, imported), (UPDATED, updated)):
            if lines:
                details = {"lines": lines, "source": as_code(self.source)}
                yield Entry(now, self.importer, action, f"import:{self.id}", details)


LineOutcome = Outcome | Unseen | Refusal
Decide = Callable[[Sequence[SubmitConcern]], Sequence[LineOutcome]]


class ImportConcerns:
    """Creates the concerns of import lines, all lines of a call in one transaction."""

    def __init__(
        self,
        handler: SubmitHandler,
        open_work: Callable[[], AbstractContextManager[Work[Store]]],
        preview: PreviewImport,
    ) -> None:
        self._handler = handler
        self._open_work = open_work
        self._preview = preview

    def __call__(self, commands: Sequence[SubmitConcern], history: HistoryImport | None) -> Sequence[LineOutcome]:
        """Return one outcome for each command, in order. Only a HistoryImport may import concerns with a history."""
        return _allowed(commands, history, lambda allowed: self._submit(allowed, history))

    def preview(self, commands: Sequence[SubmitConcern], history: HistoryImport | None) -> Sequence[LineOutcome]:
        """Return the outcomes that the call would have, and change nothing."""
        return _allowed(commands, history, self._look)

    def _submit(self, commands: Sequence[SubmitConcern], history: HistoryImport | None) -> Sequence[LineOutcome]:
        """Submit the commands in one transaction. If that fails, retry each in a transaction of its own.

        A concern whose receipt is taken gets another id, and so another receipt.
        """
        if not commands:
            return []
        try:
            with self._open_work() as work:
                outcomes = self._handler(commands, work)
                for entry in history.entries(commands, outcomes, work.now) if history else ():
                    work.store.audit.append(entry)
                return outcomes
        except ResourceUnavailable:
            return [Refusal.DATABASE_UNAVAILABLE] * len(commands)
        except ReceiptTaken:
            return self._submit(commands, history)
        except Exception as error:
            if len(commands) == 1:
                log.error("line failed", cause=type(error).__name__)
                return [Refusal.FAILED]
            return [outcome for command in commands for outcome in self._submit([command], history)]

    def _look(self, commands: Sequence[SubmitConcern]) -> Sequence[LineOutcome]:
        try:
            return self._preview(commands) if commands else []
        except ResourceUnavailable:
            return [Refusal.DATABASE_UNAVAILABLE] * len(commands)


def _allowed(commands: Sequence[SubmitConcern], history: HistoryImport | None, decide: Decide) -> Sequence[LineOutcome]:
    """Decide about the commands that the sender may give, and refuse the others."""
    if history or not any(command.submission.history for command in commands):
        return decide(commands)
    outcomes = iter(decide([command for command in commands if not command.submission.history]))
    return [Refusal.HISTORY_NOT_ALLOWED if command.submission.history else next(outcomes) for command in commands]
