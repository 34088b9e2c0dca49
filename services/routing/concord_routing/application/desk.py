"""An officer's desk: how much waits in each list."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from concord_access import Action, Principal, Scope, require_scope, scope_of
from concord_bus.ports import Clock, Transactions, utc_now
from concord_routing.application.live_rules import LiveRules
from concord_routing.ports import DeskCounts

NOWHERE = Scope(frozenset(), frozenset())


class Desk:
    """Counts the lists of the sender's desk, each with one query."""

    def __init__(self, rules: LiveRules, transactions: Transactions, clock: Clock = utc_now) -> None:
        self._rules = rules
        self._transactions = transactions
        self._clock = clock

    def counts(self, principal: Principal) -> DeskCounts:
        """Due are open cases whose response is promised for today or before, by the city's clock. Raises NotAllowed."""
        cases_within = require_scope(principal, Action.CASE_READ)
        tasks_within = scope_of(principal, Action.TASK_READ) or NOWHERE
        due_before = end_of_day(self._clock(), self._rules().city.zone)
        with self._transactions.read() as store:
            counts: DeskCounts = store.desk_counts(principal.subject, due_before, cases_within, tasks_within)
        return counts


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next midnight of a place."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(now.tzinfo)
