"""Adopt a changed city: record it, and hand over the open cases of teams and areas that are gone."""

from collections.abc import Callable, Sequence

from concord_access.domain.audit_entry import Code, Entry
from concord_bus.ports import Transactions, Work
from concord_city import Located
from concord_city.domain.comparison import PastConcern
from concord_routing.application.execute_command import save_result
from concord_routing.application.live_rules import Rules
from concord_routing.domain.case import RULES, Case, Task
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.commands import Reassign
from concord_routing.domain.handover import handover
from concord_routing.ports import Store

MAX_CASES = 200
"""Cases in one transaction. Commands on other cases wait for it no longer than for a batch of new concerns."""

ReadSubmission = Callable[[Case], PastConcern | None]
"""Decrypts the place and the time of a case's concern; None if no key decrypts them any more."""


class AdoptCity:
    """Brings the cases in line with the live city. A repetition after a crash goes on where the last one ended."""

    def __init__(self, transactions: Transactions, read_submission: ReadSubmission) -> None:
        self._transactions = transactions
        self._read_submission = read_submission

    def __call__(self, rules: Rules, digest: str) -> bool:
        """Handle a batch of cases in one transaction; return whether there may be more. Raises ResourceUnavailable."""
        city = rules.city
        with self._transactions.work() as work:
            changed = _change(work, rules, digest)
            cases = work.store.stranded_cases(list(city.teams), list(city.areas), MAX_CASES)
            concerns = [self._read_submission(case) for case in cases]
            for case, concern, located in zip(cases, concerns, _places(cases, concerns, rules), strict=True):
                _hand_over(case, concern, located, rules, work)
            if changed:  # last, as in every command: whoever holds the audit's lock waits for no case
                work.store.audit.append(changed)
        return bool(cases)


def _change(work: Work[Store], rules: Rules, digest: str) -> Entry | None:
    """Return the change's audit entry, once for all processes. The first city of a database is no change."""
    before = work.store.set_live_city(digest, work.now)
    if before is None or before == digest:
        return None
    city = rules.city
    details: dict[str, Code] = {name: len(getattr(city, name)) for name in ("areas", "categories", "teams", "rules")}
    details |= {
        "from": before,
        "cases_to_hand_over": work.store.count_stranded_cases(list(city.teams), list(city.areas)),
    }
    return Entry(work.now, "routing", "city.changed", f"city:{digest}", details)


def _places(cases: Sequence[Case], concerns: Sequence[PastConcern | None], rules: Rules) -> list[Located]:
    located = rules.locator.locate_all([concern.point if concern else None for concern in concerns])
    areas = rules.city.areas
    return [
        Located(case.area, case.border) if (concern is None or concern.point is None) and case.area in areas else place
        for case, concern, place in zip(cases, concerns, located, strict=True)
    ]


def _hand_over(case: Case, concern: PastConcern | None, located: Located, rules: Rules, work: Work[Store]) -> None:
    rule_time = concern.rule_time if concern else case.received_at
    chosen = any(entry.command == Reassign.spec.name for entry in work.store.history(case.case_id))
    step = handover(case, located, rules.city, rule_time, work.now, chosen_by_officer=chosen)
    if isinstance(step, Task):
        work.store.add_tasks([step])
        return
    result = apply_command(case, step, rules.city, RULES, work.now, work.store.promises(case.case_id))
    save_result(case, result, step, work)
