"""The one list of what Concord measures: name, meaning, unit, formula and the events it comes from.

Served at /v1/measures. The names are those of the summary's JSON; `prometheus` names the metric that shows the same.
"""

from dataclasses import dataclass

RECEIVED = "concern.received.v1"
ROUTED = "concern.routed.v1"
UNROUTABLE = "concern.unroutable.v1"
DELIVERED = "notification.delivered.v1"
FAILED = "notification.failed.v1"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number. `formula` is in terms of the events' own fields or of other measures."""

    name: str
    meaning: str
    unit: str
    formula: str
    events: tuple[str, ...]
    prometheus: str


MEASURES = (
    Measure(
        "received",
        "Concerns taken in",
        "concerns",
        "concerns with a received event",
        (RECEIVED,),
        "concord_concerns_received_total",
    ),
    Measure(
        "routed",
        "Concerns for which a team was chosen",
        "concerns",
        "concerns with at least one routed event",
        (ROUTED,),
        "concord_concerns_routed_total",
    ),
    Measure(
        "unroutable",
        "Concerns that no rule could route, also when a person has routed them since",
        "concerns",
        "concerns with at least one unroutable event",
        (UNROUTABLE,),
        "concord_concerns_unroutable_total",
    ),
    Measure(
        "in_triage",
        "Concerns that wait for a person to choose a team",
        "concerns",
        "concerns whose event of routing with the highest sequence is unroutable",
        (ROUTED, UNROUTABLE),
        "concord_concerns_in_triage",
    ),
    Measure(
        "border",
        "Concerns routed from a place on or near the border of an area",
        "concerns",
        "concerns with a routed event that has border set",
        (ROUTED,),
        "concord_concerns_border_total",
    ),
    Measure(
        "open",
        "Open cases: opened by routing and not closed (no event of this version closes one)",
        "cases",
        "concerns with a routed or unroutable event",
        (ROUTED, UNROUTABLE),
        "concord_cases_open",
    ),
    Measure(
        "measured",
        "Concerns whose way is known from intake to a team or to a person",
        "concerns",
        "concerns with a received event and a routed or unroutable one",
        (RECEIVED, ROUTED, UNROUTABLE),
        "concord_concerns_measured_total",
    ),
    Measure(
        "notified",
        "Concerns whose acknowledgement was handed over to the reporter's mail server",
        "concerns",
        "concerns with a delivered acknowledgement",
        (DELIVERED,),
        "concord_concerns_notified_total",
    ),
    Measure(
        "notification_failed",
        "Concerns whose acknowledgement was given up and never delivered since",
        "concerns",
        "concerns with a failed acknowledgement and without a delivered one",
        (DELIVERED, FAILED),
        "concord_concerns_notification_failed",
    ),
    Measure(
        "unroutable_share",
        "Share of decided concerns that wait for a person; null before any was decided",
        "share from 0 to 1",
        "in_triage / open",
        (ROUTED, UNROUTABLE),
        "concord_unroutable_share",
    ),
    Measure(
        "border_share",
        "Share of routed concerns from a place by a border; null before any was routed",
        "share from 0 to 1",
        "border / routed",
        (ROUTED,),
        "concord_border_share",
    ),
    Measure(
        "notification_success",
        "Share of acknowledgements that were delivered, of all delivered or given up; null before any was",
        "share from 0 to 1",
        "notified / (notified + notification_failed)",
        (DELIVERED, FAILED),
        "concord_notification_success",
    ),
    Measure(
        "time_to_route",
        "From taking a concern in to the first choice of a team; count and mean are exact, median and p90 are "
        "estimated from buckets and off by less than the width of theirs",
        "seconds",
        "earliest routed_at - received_at, 0 when the clocks disagree",
        (RECEIVED, ROUTED),
        "concord_time_to_route_seconds",
    ),
    Measure(
        "time_to_acknowledge",
        "From taking a concern in to the acknowledgement's delivery; count and mean are exact, median and p90 are "
        "estimated from buckets and off by less than the width of theirs",
        "seconds",
        "earliest delivered_at of an acknowledgement - received_at, 0 when the clocks disagree",
        (RECEIVED, DELIVERED),
        "concord_time_to_acknowledge_seconds",
    ),
)

BY_NAME = {each.name: each for each in MEASURES}
