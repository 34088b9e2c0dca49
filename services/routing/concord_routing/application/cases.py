"""The application service of routing: executes commands, reads cases and checks deadlines, one transaction each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from concord_access import Principal
from concord_bus.ports import Clock, Transactions, utc_now
from concord_routing.application.check_deadlines import check_promises, check_questions, check_silence
from concord_routing.application.execute_command import (
    KEY_LIFETIME,
    CaseNotFound,
    CommandRequest,
    CommandResponse,
    Render,
    execute_command,
)
from concord_routing.application.live_rules import LiveRules
from concord_routing.domain.case import Case
from concord_routing.domain.commands import may_read, require_reader
from concord_routing.domain.history import HistoryEntry, opening_entry
from concord_routing.domain.looks import WINDOW
from concord_routing.domain.promise import Promise
from concord_routing.domain.reading import is_sensitive, may_read_reasons

MAX_KEYS = 5000
"""Expired idempotency keys to delete in one transaction."""


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """A case with its promises and its history, oldest first, with the residents' reasons decrypted."""

    case: Case
    promises: Sequence[Promise]
    history: Sequence[HistoryEntry]


class CaseService:
    """Executes commands, reads cases and checks deadlines."""

    def __init__(
        self,
        rules: LiveRules,
        transactions: Transactions,
        render: Render,
        clock: Clock = utc_now,
        decrypt: Callable[[str], str | None] = lambda sealed: None,
    ) -> None:
        """`render` gives the stored response to a command. `decrypt` returns a resident's reason, or None if its key
        no longer exists.
        """
        self._rules = rules
        self._transactions = transactions
        self._render = render
        self._clock = clock
        self._decrypt = decrypt

    def execute(self, request: CommandRequest) -> CommandResponse:
        """Execute a command and commit. Raises the errors of `execute_command`, and ResourceUnavailable."""
        with self._transactions.work() as work:
            return execute_command(request, work, self._rules().city, self._render)

    def get(self, case_id: str, principal: Principal) -> CaseDetails:
        """Read a case. Raises NotAllowed for a principal that may read no case.

        Raises CaseNotFound for a case that the principal may not read and for an unknown one, after the same queries.
        """
        require_reader(principal)
        with self._transactions.read() as store:
            case = store.case(case_id)
            history = store.history(case_id)
            promises = store.promises(case_id)
        if case is None or not may_read(principal, case):
            raise CaseNotFound
        shown = may_read_reasons(principal, case, sensitive=is_sensitive(case, self._rules().city.categories))
        entries = [opening_entry(case, history), *(map(self._with_reason, history) if shown else history)]
        return CaseDetails(case, promises, entries)

    def _with_reason(self, entry: HistoryEntry) -> HistoryEntry:
        return replace(entry, reason=self._decrypt(entry.objection)) if entry.objection else entry

    def check_deadlines(self) -> bool:
        """Check promises, silence and questions in one transaction; return whether there may be more."""
        with self._transactions.work() as work:
            city = self._rules().city
            numbers = check_promises(work), check_silence(work, city), check_questions(work, city)
        return any(numbers)

    def delete_expired_keys(self) -> int:
        """Delete idempotency keys after KEY_LIFETIME, and return their number. Old looks go with them."""
        with self._transactions.work() as work:
            deleted: int = work.store.delete_expired_keys(self._clock() - KEY_LIFETIME, MAX_KEYS)
            work.store.delete_looks(self._clock() - WINDOW, MAX_KEYS)
        return deleted
