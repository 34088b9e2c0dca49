"""Hand over the open cases of a person who leaves: to a colleague or to nobody, in bounded batches."""

from dataclasses import dataclass

from concord_access import Action, Principal, require_scope
from concord_access.domain.audit_entry import Entry
from concord_bus.ports import Transactions
from concord_routing.application.execute_command import save_result
from concord_routing.application.live_rules import LiveRules
from concord_routing.domain.command_execution import SUBJECT, apply_command
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.commands import Assign
from concord_routing.ports import CaseFilter

MAX_CASES = 200
"""Cases in one transaction. Commands on other cases wait for it no longer than for a batch of new concerns."""
AUDIT_ACTION = "case.handed_over"


@dataclass(frozen=True, slots=True)
class Handover:
    """The request: from a person to another one, or to nobody, with a note for the history of each case."""

    giver: str
    taker: str | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The number of cases handed over, and whether there may be more: then send the request again."""

    cases: int
    more: bool


class HandOverCases:
    """For supervisors: it reaches the cases of the teams for which the sender may choose another team."""

    def __init__(self, rules: LiveRules, transactions: Transactions) -> None:
        self._rules = rules
        self._transactions = transactions

    def __call__(self, handover: Handover, principal: Principal) -> HandedOver:
        """Hand over a batch in one transaction, with one audit entry. Raises NotAllowed, InvalidCommand."""
        scope = require_scope(principal, Action.CASE_REASSIGN)
        _check(handover)
        command = Assign(handover.taker, handover.note)
        with self._transactions.work() as work:
            where = CaseFilter(assignee=handover.giver, is_open=True, within=scope)
            found = sorted(case.case_id for _, case in work.store.cases_by_due(where, None, MAX_CASES))
            number = 0
            for case_id in found:
                case = work.store.lock(case_id)
                if case is None or case.assignee != handover.giver or not scope.covers(case.team, case.area):
                    continue  # somebody was quicker
                promises = work.store.promises(case_id)
                result = apply_command(case, command, self._rules().city, principal.subject, work.now, promises)
                number += save_result(case, result, command, work)
            if number:
                details = {"to": handover.taker, "cases": number}
                work.store.audit.append(Entry(work.now, principal.subject, AUDIT_ACTION, handover.giver, details))
        return HandedOver(number, len(found) == MAX_CASES)


def _check(handover: Handover) -> None:
    for field, subject in (("from", handover.giver), ("to", handover.taker)):
        if subject is not None and SUBJECT.fullmatch(subject) is None:
            raise InvalidCommand(field, "Give the id of a person as the audit has it, such as user:7f3a.")
    if handover.giver == handover.taker:
        raise InvalidCommand("to", "This person has the cases already; name another one, or null for nobody.")
