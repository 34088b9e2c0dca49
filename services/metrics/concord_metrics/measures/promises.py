"""Measures of promises."""

from concord_contracts import messages as m
from concord_metrics.measures.definition import count, share

_PROMISES = (m.PromiseMade, m.PromiseRenegotiated, m.PromiseAtRisk, m.PromiseKept, m.PromiseMissed)
_ENDS = (m.ConcernReferred, m.ConcernResolved, m.ConcernDeclined, m.ConcernClosed)
_LATEST = "promises whose event with the highest sequence is "

MEASURES = (
    count(
        "promises_made",
        "concord_promises_made_total",
        "Promises by rules or by officers, ended ones included",
        "different promise_id of any promise event; a made event has one for each of its promises",
        _PROMISES,
        "promises",
    ),
    count(
        "promises_open",
        "concord_promises_open",
        "Promises that the city still has to keep, those at risk included",
        _LATEST + "made, renegotiated or at_risk, of concerns that are open",
        (*_PROMISES, *_ENDS),
        "promises",
    ),
    count(
        "promises_at_risk",
        "concord_promises_at_risk",
        "Open promises that are due soon and without any action yet",
        _LATEST + "at_risk, of concerns that are open",
        (*_PROMISES, *_ENDS),
        "promises",
    ),
    count(
        "promises_kept",
        "concord_promises_kept",
        "Promises that the city has kept in time",
        _LATEST + "kept",
        _PROMISES,
        "promises",
    ),
    count(
        "promises_missed",
        "concord_promises_missed",
        "Promises that the city has not kept by their due time",
        _LATEST + "missed",
        _PROMISES,
        "promises",
    ),
    count(
        "promises_renegotiated",
        "concord_promise_renegotiations_total",
        "Number of changes to the due time of a promise",
        "different sequences of renegotiated events, over all promises",
        (m.PromiseRenegotiated,),
        "renegotiations",
    ),
    share(
        "promises_kept_share",
        "concord_promises_kept_share",
        "Share of kept promises among all kept or missed ones; null without any",
        "promises_kept / (promises_kept + promises_missed)",
        (m.PromiseKept, m.PromiseMissed),
    ),
)
