"""Measures of what reporters are told, and of what they say."""

from concord_metrics.measures.definition import (
    DECLINED,
    DELIVERED,
    FAILED,
    FEEDBACK,
    OBJECTED,
    REFERRED,
    RESOLVED,
    SILENT,
    WITHDRAWN,
    Measure,
)

_TEN = "; null of fewer than ten answers, and where those of fewer could be told by subtraction"
_RATED = "concerns whose last answer rates at least one of voice, respect, neutrality and motives"

VOICE_MEASURES = (
    Measure(
        "withdrawn",
        "Concerns that the reporter has taken back",
        "concerns",
        "concerns with a withdrawn event",
        (WITHDRAWN,),
        "concord_concerns_withdrawn_total",
    ),
    Measure(
        "silent",
        "Concerns of which the reporter heard nothing for days while they were open, also when there was a word since",
        "concerns",
        "concerns with at least one fell_silent event",
        (SILENT,),
        "concord_concerns_fell_silent_total",
    ),
    Measure(
        "reopen_requested",
        "Concerns of which the reporter said that it is not fixed",
        "concerns",
        "concerns with at least one reopen.requested event",
        (OBJECTED,),
        "concord_concerns_reopen_requested_total",
    ),
    Measure(
        "tellable",
        "Concerns with an outcome whose reporter can be written to",
        "concerns",
        "concerns with a resolved, declined or referred event and any notice, delivered or failed",
        (RESOLVED, DECLINED, REFERRED, DELIVERED, FAILED),
        "concord_concerns_tellable_total",
    ),
    Measure(
        "told",
        "Concerns whose reporter was told an outcome",
        "concerns",
        "concerns with a delivered notice of resolved, declined or referred",
        (DELIVERED,),
        "concord_concerns_told_total",
    ),
    Measure(
        "loop_closed",
        "Share of concerns whose reporter was told an outcome, of those with an outcome and somebody to write to; "
        "null without any. Reporters who left no contact are not in it: they can ask with their receipt",
        "share from 0 to 1",
        "told / tellable",
        (RESOLVED, DECLINED, REFERRED, DELIVERED, FAILED),
        "concord_loop_closed_share",
    ),
    Measure(
        "invited",
        "Concerns whose reporter was asked how it went",
        "concerns",
        "concerns with a delivered notice of resolved, which has the questions, or an answer",
        (DELIVERED, FEEDBACK),
        "concord_concerns_invited_total",
    ),
    Measure(
        "answered",
        "Concerns whose reporter answered",
        "concerns",
        "concerns with at least one feedback event",
        (FEEDBACK,),
        "concord_concerns_answered_total",
    ),
    Measure(
        "response_rate",
        "Share of those asked who answered; null before any was asked",
        "share from 0 to 1",
        "answered / invited",
        (DELIVERED, FEEDBACK),
        "concord_response_rate",
    ),
    Measure(
        "fixed_share",
        "Share of answers that say it is fixed, with its 95 % Wilson interval" + _TEN,
        "share from 0 to 1",
        "concerns whose last answer says fixed / answered",
        (FEEDBACK,),
        "concord_fixed_share",
    ),
    Measure(
        "felt_heard",
        "Share of reporters who felt heard: whose ratings are 4 or more on average, with its 95 % Wilson interval"
        + _TEN,
        "share from 0 to 1",
        f"those whose ratings have a mean of 4 or more / {_RATED}",
        (FEEDBACK,),
        "concord_felt_heard_share",
    ),
    Measure(
        "felt_heard_mean",
        "Mean over reporters of the mean of their ratings" + _TEN,
        "1 (not at all) to 5 (fully)",
        f"sum of the means / {_RATED}",
        (FEEDBACK,),
        "concord_felt_heard_mean",
    ),
)
