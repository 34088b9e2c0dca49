"""Queries of the aggregates: summary, durations and ledger."""

from datetime import datetime, tzinfo

from concord_metrics.domain.aggregates import Aggregate, add_to, aggregate_facts, sum_aggregates
from concord_metrics.domain.case_timeline import DurationsByGroup, durations
from concord_metrics.domain.estimates import PARTIAL_MONTHS, TWO_DIMENSIONS
from concord_metrics.domain.period import Period, is_whole_months, split_period
from concord_metrics.domain.summary import (
    DIMENSIONS,
    NOT_SUPPRESSED,
    Group,
    Summary,
    Suppression,
    by_value,
    figures,
    summarise,
    suppressions,
)
from concord_metrics.ports import Store


def summary(store: Store, period: Period, area: str | None, zone: tzinfo, times: DurationsByGroup) -> Summary:
    """The measures of the concerns received in a period, perhaps of one area; `times` are their durations."""
    aggregates = aggregates_of(store, period, zone)
    whole = NOT_SUPPRESSED if is_whole_months(period, zone) else Suppression(PARTIAL_MONTHS, PARTIAL_MONTHS)
    if area is None:
        return summarise(aggregates, times, whole, whole)
    of_area = suppressions(by_value(aggregates, DIMENSIONS.index("area"))).get(area, NOT_SUPPRESSED)
    own = {group: aggregate for group, aggregate in aggregates.items() if group[0] == area}
    return summarise(own, times, whole | of_area, Suppression(TWO_DIMENSIONS, TWO_DIMENSIONS))


def durations_of(store: Store, period: Period, area: str | None, as_of: datetime) -> DurationsByGroup:
    """The durations of the same concerns, open ones waiting until `as_of`."""
    return durations(store.timelines(period, area), as_of)


def aggregates_of(store: Store, period: Period, zone: tzinfo) -> dict[Group, Aggregate]:
    """The aggregates over the concerns received in a period.

    Whole days come from the daily aggregates; the part of a day at either end comes from its facts.
    """
    if period.start is None and period.end is None:
        return store.overall()
    parts = split_period(period, zone)
    aggregates = store.daily(*parts.days) if parts.days else {}
    for start, end in parts.edges:
        for key, aggregate in aggregate_facts(store.received_in(start, end), zone).items():
            add_to(aggregates, key[1:], aggregate)
    return aggregates


def ledger(store: Store) -> dict[str, int]:
    """Counts for the reconciliation with other services: measured = routed + unroutable once all queues are empty.

    `unroutable` counts the concerns in triage, `routed` all others with a routing decision.
    """
    totals = figures(sum_aggregates(store.overall().values()))
    return {
        "concerns": store.concern_count(),
        "received": totals.received,
        "routed": totals.decided - totals.in_triage,
        "unroutable": totals.in_triage,
        "measured": totals.measured,
        "notified": totals.notified,
        "notification_failed": totals.notification_failed,
    }
