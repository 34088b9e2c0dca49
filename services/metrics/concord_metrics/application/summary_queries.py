"""Queries of the sums."""

from datetime import datetime, tzinfo

from concord_metrics.domain.aggregates import Cell, Tally, plus, summed, total
from concord_metrics.domain.case_timeline import Times, durations
from concord_metrics.domain.estimates import CROSSED, PARTIAL
from concord_metrics.domain.period import Period, parts, whole_months
from concord_metrics.domain.summary import (
    DIMENSIONS,
    SHOWN,
    Group,
    Hidden,
    Summary,
    figures,
    hidden_of,
    marginal,
    summarise,
)
from concord_metrics.ports import Store


def summary(store: Store, period: Period, area: str | None, zone: tzinfo, times: Times) -> Summary:
    """The measures of concerns that came in during a period, of one area when it is given; `times` are theirs.

    Whole days come from the sums; the rest of a day, when the period begins or ends within one, from its facts.
    """
    found = sums(store, period, zone)
    whole = SHOWN if whole_months(period, zone) else Hidden(PARTIAL, PARTIAL)
    if area is None:
        return summarise(found, times, whole, whole)
    of_area = hidden_of(marginal(found, DIMENSIONS.index("area"))).get(area, SHOWN)
    own = {group: tally for group, tally in found.items() if group[0] == area}
    return summarise(own, times, whole if whole is not SHOWN else of_area, Hidden(CROSSED, CROSSED))


def times(store: Store, period: Period, area: str | None, as_of: datetime) -> Times:
    """How long things took, or have waited until `as_of`, of the same concerns."""
    return durations(store.courses(period, area), as_of)


def sums(store: Store, period: Period, zone: tzinfo) -> dict[Group, Tally]:
    """The sums over concerns that came in during a period."""
    if period.start is None and period.end is None:
        return store.overall()
    asked = parts(period, zone)
    found = store.daily(*asked.days) if asked.days else {}
    for start, end in asked.edges:
        for cell, tally in total(store.received_in(start, end), zone).items():
            _add(found, cell, tally)
    return found


def _add(found: dict[Group, Tally], cell: Cell, tally: Tally) -> None:
    group: Group = cell[1:]
    found[group] = plus(found[group], tally) if group in found else tally


def ledger(store: Store) -> dict[str, int]:
    """What metrics accounts for: measured = routed + unroutable at rest.

    `unroutable` are those that wait for a person, `routed` all others on which routing has decided.
    """
    totals = figures(summed(store.overall().values()))
    return {
        "concerns": store.concerns(),
        "received": totals.received,
        "routed": totals.decided - totals.in_triage,
        "unroutable": totals.in_triage,
        "measured": totals.measured,
        "notified": totals.notified,
        "notification_failed": totals.notification_failed,
    }
