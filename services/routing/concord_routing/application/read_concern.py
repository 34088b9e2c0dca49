"""Read a resident's words or contact: with the right to it, and with an entry in the audit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from concord_access import Principal
from concord_access.domain.audit_entry import Entry
from concord_bus.ports import Transactions, Work
from concord_contracts import new_event
from concord_contracts.messages import AccessRecorded
from concord_routing.application.execute_command import CaseNotFound
from concord_routing.application.live_rules import LiveRules
from concord_routing.domain.case import Case
from concord_routing.domain.commands import may_read, require_reader
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.looks import AUDIT_ACTIONS, CONCERN, CONTACT, Look, is_new_look
from concord_routing.domain.reading import (
    is_sensitive,
    may_read_contact,
    may_read_words,
    require_contact,
    require_words,
)
from concord_routing.domain.resident_words import ANSWER, OBJECTION, Contact, Reply, Submission
from concord_routing.ports import ResidentWords, Store


@dataclass(frozen=True, slots=True)
class Concern:
    """The concern of a case. `submission` is None if the key that encrypted it no longer exists.

    `replies` are the reporter's later texts, oldest first.
    """

    case: Case
    sensitive: bool
    submission: Submission | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class ReporterContact:
    """The contact of the reporter of a case; None if the reporter gave none, or if its key no longer exists."""

    case: Case
    contact: Contact | None


class ReadConcern:
    """Shows words and contact. The look is recorded in the transaction that reads, so none can be without the other."""

    def __init__(self, rules: LiveRules, transactions: Transactions, words: ResidentWords) -> None:
        self._rules = rules
        self._transactions = transactions
        self._words = words

    def concern(self, case_id: str, principal: Principal) -> Concern:
        """Read the words and the exact place. Raises NotAllowed for a reader of the case without the right to them.

        Raises CaseNotFound for a case that the principal may not read and for an unknown one, and ResourceUnavailable.
        """
        require_reader(principal)
        with self._transactions.work() as work:
            case = _readable(case_id, principal, work)
            sensitive = is_sensitive(case, self._rules().city.categories)
            require_words(principal, case, sensitive=sensitive)
            history = work.store.history(case_id)
            _record(case, CONCERN, principal, work)
        submission = self._words.submission(case.submission)
        return Concern(case, sensitive, submission, tuple(self._replies(history)))

    def contact(self, case_id: str, principal: Principal) -> ReporterContact:
        """Read the contact. Raises the same errors. Nothing is recorded if the reporter gave no contact."""
        require_reader(principal)
        with self._transactions.work() as work:
            case = _readable(case_id, principal, work)
            require_contact(principal, case, sensitive=is_sensitive(case, self._rules().city.categories))
            sealed = work.store.contact(case.concern_id)
            if sealed is not None:
                _record(case, CONTACT, principal, work)
        return ReporterContact(case, None if sealed is None else self._words.contact(sealed))

    def may_read_words(self, case: Case, principal: Principal) -> bool:
        """Return whether to offer the words. The look itself asks again."""
        return may_read_words(principal, case, sensitive=is_sensitive(case, self._rules().city.categories))

    def may_read_contact(self, case: Case, principal: Principal) -> bool:
        """Return whether to offer the contact. The look itself asks again."""
        return may_read_contact(principal, case, sensitive=is_sensitive(case, self._rules().city.categories))

    def _replies(self, history: Iterable[HistoryEntry]) -> Iterator[Reply]:
        for entry in history:
            if entry.objection is not None:
                yield Reply(entry.at, OBJECTION, self._words.objection(entry.objection))
            if entry.answer is not None:
                yield Reply(entry.at, ANSWER, self._words.answer(entry.answer))


def _readable(case_id: str, principal: Principal, work: Work[Store]) -> Case:
    """Locks the case, so that two looks of one person at the same time are one."""
    case = work.store.lock(case_id)
    if case is None or not may_read(principal, case):
        raise CaseNotFound
    return case


def _record(case: Case, part: str, principal: Principal, work: Work[Store]) -> None:
    """Record a new look: for the next one, for intake, and, last as in every command, in the audit."""
    if not is_new_look(work.store.last_look(case.case_id, principal.subject, part), work.now):
        return
    work.store.note_look(Look(case.case_id, principal.subject, part, work.now))
    seen = AccessRecorded(concern_id=case.concern_id, part=part, accessed_at=work.now)
    work.publish(new_event(seen, sequence=case.sequence, time=work.now))
    work.store.audit.append(Entry(work.now, principal.subject, AUDIT_ACTIONS[part], f"case:{case.case_id}"))
