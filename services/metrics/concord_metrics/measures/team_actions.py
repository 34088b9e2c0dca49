"""Measures of team actions."""

from concord_contracts import messages as m
from concord_metrics.measures.definition import CENSORED, CLOCKS, count, duration

MEASURES = (
    count(
        "acknowledged",
        "concord_concerns_acknowledged_total",
        "Concerns that a person of the team has acknowledged",
        "concerns with at least one acknowledged event",
        (m.ConcernAcknowledged,),
    ),
    count(
        "referred",
        "concord_concerns_referred_total",
        "Concerns that went to a partner outside the teams, even if they have come back since",
        "concerns with at least one referred event",
        (m.ConcernReferred,),
    ),
    count(
        "resolved",
        "concord_concerns_resolved_total",
        "Concerns that a team has resolved, even if somebody has reopened them since",
        "concerns with at least one resolved event",
        (m.ConcernResolved,),
    ),
    count(
        "declined",
        "concord_concerns_declined_total",
        "Concerns that the city has declined, even if somebody has reopened them since",
        "concerns with at least one declined event",
        (m.ConcernDeclined,),
    ),
    count(
        "closed",
        "concord_concerns_closed_total",
        "Concerns with a closed case, even if somebody has reopened it since",
        "concerns with at least one closed event",
        (m.ConcernClosed,),
    ),
    count(
        "reopened",
        "concord_concerns_reopened_total",
        "Concerns with a reopened case; each counts once",
        "concerns with at least one reopened event",
        (m.ConcernReopened,),
    ),
    count(
        "reopenings",
        "concord_case_reopenings_total",
        "Number of times that cases were reopened",
        "different sequences of reopened events, over all concerns",
        (m.ConcernReopened,),
        "reopenings",
    ),
    duration(
        "time_to_human_acknowledgement",
        "concord_time_to_human_acknowledgement_seconds",
        "Time from the receipt of a concern to a person's acknowledgement" + CENSORED,
        "earliest acknowledged_at - received_at" + CLOCKS,
        (m.ConcernReceived, m.ConcernAcknowledged),
    ),
    duration(
        "time_to_first_word",
        "concord_time_to_first_word_seconds",
        "Time from the receipt of a concern to a person's first message to the resident" + CENSORED,
        "earliest of acknowledged_at, updated_at, referred_at, resolved_at and declined_at - received_at" + CLOCKS,
        (
            m.ConcernReceived,
            m.ConcernAcknowledged,
            m.ConcernUpdated,
            m.ConcernReferred,
            m.ConcernResolved,
            m.ConcernDeclined,
        ),
    ),
    duration(
        "time_to_resolve",
        "concord_time_to_resolve_seconds",
        "Time from the receipt of a concern to its first resolution" + CENSORED,
        "earliest resolved_at - received_at" + CLOCKS,
        (m.ConcernReceived, m.ConcernResolved),
    ),
)
