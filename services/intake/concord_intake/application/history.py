"""An import of history, and what the audit keeps of it: one entry for each transaction that took some of it in.

A batch is committed in parts and may break off after any of them: so no accepted line is ever without its entry.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from concord_access.audit import Entry, as_code
from concord_intake.application.submit_concern import Outcome, TakeIn, TakenIn


@dataclass(frozen=True, slots=True)
class HistoryImport:
    """One request of a login that may import history: the login's subject, the source that it named."""

    importer: str
    source: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def entry(self, commands: Sequence[TakeIn], outcomes: Sequence[Outcome], now: datetime) -> Entry | None:
        """The entry for one transaction; None when it took in no line with a past that was not there before."""
        lines = sum(
            command.said.past is not None and isinstance(outcome, TakenIn) and not outcome.repeated
            for command, outcome in zip(commands, outcomes, strict=True)
        )
        if not lines:
            return None
        details = {"lines": lines, "source": as_code(self.source)}
        return Entry(now, self.importer, "history.imported", f"import:{self.id}", details)
