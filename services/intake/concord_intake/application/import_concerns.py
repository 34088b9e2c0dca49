"""Command: import concerns in bulk. One line's error does not affect the other lines.

Each transaction that imports history appends one entry to the audit chain. An import can stop after any transaction,
and every committed line with a history still has its entry.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

import structlog

from concord_access.audit import Entry, as_code
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.ports import Work
from concord_intake.application.submit_concern import Accepted, Outcome, SubmitConcern
from concord_intake.ports import Store

log = structlog.get_logger("concord.intake")

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

    def entry(self, commands: Sequence[SubmitConcern], outcomes: Sequence[Outcome], now: datetime) -> Entry | None:
        """Return the audit entry of one transaction, None if it created no concern with a history."""
        lines = sum(
            command.submission.history is not None and isinstance(outcome, Accepted) and not outcome.repeated
            for command, outcome in zip(commands, outcomes, strict=True)
        )
        if not lines:
            return None
        details = {"lines": lines, "source": as_code(self.source)}
        return Entry(now, self.importer, "history.imported", f"import:{self.id}", details)


class ImportConcerns:
    """Creates the concerns of import lines, all lines of a call in one transaction."""

    def __init__(self, handler: SubmitHandler, open_work: Callable[[], AbstractContextManager[Work[Store]]]) -> None:
        self._handler = handler
        self._open_work = open_work

    def __call__(self, commands: Sequence[SubmitConcern], history: HistoryImport | None) -> Sequence[Outcome | Refusal]:
        """Return one outcome for each command, in order. Only a HistoryImport may import concerns with a history."""
        if history or not any(command.submission.history for command in commands):
            return self._submit(commands, history)
        outcomes = iter(self._submit([command for command in commands if not command.submission.history], None))
        return [Refusal.HISTORY_NOT_ALLOWED if command.submission.history else next(outcomes) for command in commands]

    def _submit(self, commands: Sequence[SubmitConcern], history: HistoryImport | None) -> Sequence[Outcome | Refusal]:
        """Submit the commands in one transaction. If that fails, retry each in a transaction of its own."""
        if not commands:
            return []
        try:
            with self._open_work() as work:
                outcomes = self._handler(commands, work)
                entry = history and history.entry(commands, outcomes, work.now)
                if entry:
                    work.store.audit.append(entry)
                return outcomes
        except ResourceUnavailable:
            return [Refusal.DATABASE_UNAVAILABLE] * len(commands)
        except Exception as error:
            if len(commands) == 1:
                log.error("line failed", cause=type(error).__name__)
                return [Refusal.FAILED]
            return [outcome for command in commands for outcome in self._submit([command], history)]
