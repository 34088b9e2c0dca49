"""Measures from intake to a team, and of the notice that confirms receipt."""

from concord_contracts import messages as m
from concord_metrics.measures.definition import CENSORED, CLOCKS, EXACT, count, duration, share

_DECISIONS = (m.ConcernRouted, m.ConcernUnroutable, m.ConcernReassigned)
_ENDS = (m.ConcernReferred, m.ConcernResolved, m.ConcernDeclined, m.ConcernClosed)
_NOTICES = (m.NotificationDelivered, m.NotificationFailed)

MEASURES = (
    count(
        "received",
        "concord_concerns_received_total",
        "Concerns that intake has received",
        "concerns with a received event",
        (m.ConcernReceived,),
    ),
    count(
        "routed",
        "concord_concerns_routed_total",
        "Concerns with a team, by a rule or by a person's choice",
        "concerns with at least one routed or reassigned event",
        (m.ConcernRouted, m.ConcernReassigned),
    ),
    count(
        "unroutable",
        "concord_concerns_unroutable_total",
        "Concerns that no rule could route, even if a person has chosen a team since",
        "concerns with at least one unroutable event",
        (m.ConcernUnroutable,),
    ),
    count(
        "in_triage",
        "concord_concerns_in_triage",
        "Concerns that wait for a person to choose a team",
        "open concerns with an unroutable event as the one with the highest sequence among their routed, unroutable "
        "and reassigned events",
        _DECISIONS,
    ),
    count(
        "border",
        "concord_concerns_border_total",
        "Concerns from a place on or near the border of an area",
        "concerns with a routed event that has border set",
        (m.ConcernRouted,),
    ),
    count(
        "decided",
        "concord_concerns_decided_total",
        "Concerns with a routing decision: they have a team or wait in triage",
        "concerns with a routed, unroutable or reassigned event",
        _DECISIONS,
    ),
    count(
        "open",
        "concord_cases_open",
        "Open cases: not referred, resolved, declined or closed, or reopened since",
        "concerns with a routed, unroutable, reassigned or reopened event as the one with the highest sequence among "
        "these and their referred, resolved, declined and closed events",
        (*_DECISIONS, m.ConcernReopened, *_ENDS),
        "cases",
    ),
    count(
        "measured",
        "concord_concerns_measured_total",
        "Concerns with both their receipt and a routing decision",
        "concerns with a received event and a routed, unroutable or reassigned one",
        (m.ConcernReceived, *_DECISIONS),
    ),
    count(
        "notified",
        "concord_concerns_notified_total",
        "Concerns with a delivered notice of acknowledgement: the reporter's mail server has accepted it",
        "concerns with a delivered acknowledgement",
        (m.NotificationDelivered,),
    ),
    count(
        "notification_failed",
        "concord_concerns_notification_failed",
        "Concerns with a failed notice of acknowledgement and no delivered one since",
        "concerns with a failed acknowledgement and without a delivered one",
        _NOTICES,
    ),
    share(
        "unroutable_share",
        "concord_unroutable_share",
        "Share of decided concerns that wait in triage; null without any decided concern",
        "in_triage / decided",
        _DECISIONS,
    ),
    share(
        "border_share",
        "concord_border_share",
        "Share of routed concerns from a place near a border; null without any routed concern",
        "border / routed",
        (m.ConcernRouted, m.ConcernReassigned),
    ),
    share(
        "notification_success",
        "concord_notification_success",
        "Share of delivered acknowledgements among all delivered or failed ones; null without any",
        "notified / (notified + notification_failed)",
        _NOTICES,
    ),
    duration(
        "time_to_route",
        "concord_time_to_route_seconds",
        "Time from the receipt of a concern to its first team" + CENSORED,
        "earliest routed_at or reassigned_at - received_at" + CLOCKS,
        (m.ConcernReceived, m.ConcernRouted, m.ConcernReassigned),
    ),
    duration(
        "time_to_acknowledge",
        "concord_time_to_acknowledge_seconds",
        "Time from the receipt of a concern to the delivery of its notice of acknowledgement; no person has acted yet"
        + EXACT,
        f"earliest delivered_at of an acknowledgement - received_at{CLOCKS}; without imported concerns",
        (m.ConcernReceived, m.NotificationDelivered),
    ),
)
