"""Measures of notices to reporters and of their answers."""

from concord_contracts import messages as m
from concord_metrics.measures.definition import count, share

_SUPPRESSION = "; null with fewer than ten answers, or under complementary suppression"
_RATED = "concerns whose last answer rates at least one of voice, respect, neutrality and motives"
_OUTCOMES = (m.ConcernResolved, m.ConcernDeclined, m.ConcernReferred, m.NotificationDelivered, m.NotificationFailed)

MEASURES = (
    count(
        "withdrawn",
        "concord_concerns_withdrawn_total",
        "Concerns that the reporter has withdrawn",
        "concerns with a withdrawn event",
        (m.ConcernWithdrawn,),
    ),
    count(
        "silent",
        "concord_concerns_fell_silent_total",
        "Concerns that were open for days without a message to the reporter, even if one has come since",
        "concerns with at least one fell_silent event",
        (m.ConcernFellSilent,),
    ),
    count(
        "reopen_requested",
        "concord_concerns_reopen_requested_total",
        "Concerns that the reporter has called not fixed",
        "concerns with at least one reopen.requested event",
        (m.ReopenRequested,),
    ),
    count(
        "tellable",
        "concord_concerns_tellable_total",
        "Concerns with an outcome and a reporter with an address",
        "concerns with a resolved, declined or referred event and any notice, delivered or failed",
        _OUTCOMES,
    ),
    count(
        "told",
        "concord_concerns_told_total",
        "Concerns with a delivered notice of their outcome",
        "concerns with a delivered notice of resolved, declined or referred",
        (m.NotificationDelivered,),
    ),
    share(
        "loop_closed",
        "concord_loop_closed_share",
        "Share of concerns with a delivered notice of their outcome, among those with an outcome and an address; null "
        "without any. It leaves out reporters without contact, who can look their concern up with the receipt",
        "told / tellable",
        _OUTCOMES,
    ),
    count(
        "invited",
        "concord_concerns_invited_total",
        "Concerns whose reporter has received the survey",
        "concerns with a delivered notice of resolved, which has the questions, or an answer",
        (m.NotificationDelivered, m.FeedbackGiven),
    ),
    count(
        "answered",
        "concord_concerns_answered_total",
        "Concerns whose reporter has answered the survey",
        "concerns with at least one feedback event",
        (m.FeedbackGiven,),
    ),
    share(
        "response_rate",
        "concord_response_rate",
        "Share of answered surveys; null without any survey",
        "answered / invited",
        (m.NotificationDelivered, m.FeedbackGiven),
    ),
    share(
        "fixed_share",
        "concord_fixed_share",
        "Share of answers that call the problem fixed, with its 95 % Wilson interval" + _SUPPRESSION,
        "concerns whose last answer says fixed / answered",
        (m.FeedbackGiven,),
    ),
    share(
        "felt_heard",
        "concord_felt_heard_share",
        "Share of reporters who felt heard: their ratings have a mean of 4 or more, with its 95 % Wilson interval"
        + _SUPPRESSION,
        f"reporters with a mean rating of 4 or more / {_RATED}",
        (m.FeedbackGiven,),
    ),
    count(
        "felt_heard_mean",
        "concord_felt_heard_mean",
        "Mean over reporters of the mean of their ratings" + _SUPPRESSION,
        f"sum of the means / {_RATED}",
        (m.FeedbackGiven,),
        "1 (not at all) to 5 (fully)",
    ),
)
