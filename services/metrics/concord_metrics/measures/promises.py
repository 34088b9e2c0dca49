"""Measures of what teams promise, and of what became of it."""

from concord_metrics.measures.definition import (
    AT_RISK,
    CLOSED,
    DECLINED,
    KEPT,
    MADE,
    MISSED,
    REFERRED,
    RENEGOTIATED,
    RESOLVED,
    Measure,
)

_EVERY = (MADE, RENEGOTIATED, AT_RISK, KEPT, MISSED)
_LATEST = "promises of whose events the one with the highest sequence is "
_ENDS = (REFERRED, RESOLVED, DECLINED, CLOSED)

PROMISE_MEASURES = (
    Measure(
        "promises_made",
        "Promises by rules or by officers, also those that have ended since",
        "promises",
        "different promise_id of any promise event; a made event has one for each of its promises",
        _EVERY,
        "concord_promises_made_total",
    ),
    Measure(
        "promises_open",
        "Promises that are still to be kept, those at risk included",
        "promises",
        _LATEST + "made, renegotiated or at_risk, of concerns that are open",
        (*_EVERY, *_ENDS),
        "concord_promises_open",
    ),
    Measure(
        "promises_at_risk",
        "Open promises that are due soon and for which nothing has been done",
        "promises",
        _LATEST + "at_risk, of concerns that are open",
        (*_EVERY, *_ENDS),
        "concord_promises_at_risk",
    ),
    Measure(
        "promises_kept",
        "Promises that were done in time",
        "promises",
        _LATEST + "kept",
        _EVERY,
        "concord_promises_kept",
    ),
    Measure(
        "promises_missed",
        "Promises whose time passed before they were done",
        "promises",
        _LATEST + "missed",
        _EVERY,
        "concord_promises_missed",
    ),
    Measure(
        "promises_renegotiated",
        "How often another time was given before the promise was due",
        "renegotiations",
        "different sequences of renegotiated events, over all promises",
        (RENEGOTIATED,),
        "concord_promise_renegotiations_total",
    ),
    Measure(
        "promises_kept_share",
        "Share of promises that were kept, of all kept or missed; null before any was",
        "share from 0 to 1",
        "promises_kept / (promises_kept + promises_missed)",
        (KEPT, MISSED),
        "concord_promises_kept_share",
    ),
)
