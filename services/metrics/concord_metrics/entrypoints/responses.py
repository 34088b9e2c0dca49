"""What metrics answers over HTTP: the shapes of its JSON."""

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.promises import Promise
from concord_metrics.domain.summary import DIMENSIONS, Summary
from concord_metrics.measures import BY_NAME


def _number(name: str, kind: type[fields.Field[Any]], **options: Any) -> fields.Field[Any]:
    return kind(metadata={"description": f"{BY_NAME[name].meaning} ({BY_NAME[name].unit})"}, **options)


class DurationAnswer(Schema):
    count = fields.Integer(metadata={"description": "concerns to which it happened"})
    waiting = fields.Integer(metadata={"description": "concerns that still wait for it, or waited until they ended"})
    mean = fields.Float(allow_none=True, metadata={"description": "of the count, in seconds; null without any"})
    median = fields.Float(
        allow_none=True, metadata={"description": "Kaplan-Meier, in seconds; null when more than half still wait"}
    )
    p90 = fields.Float(
        allow_none=True, metadata={"description": "nine in ten take no longer, likewise; null when it is not reached"}
    )
    reached = fields.Float(allow_none=True, metadata={"description": "share that the estimate reaches so far"})


class EstimateAnswer(Schema):
    value = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True, metadata={"description": "lower end of the 95 % interval, if it is a share"})
    high = fields.Float(allow_none=True, metadata={"description": "upper end of it"})
    count = fields.Integer(metadata={"description": "answers it is taken from"})
    suppressed = fields.String(allow_none=True, metadata={"description": "why it is not shown; null when it is"})


def _estimate(name: str) -> fields.Field[Any]:
    meaning = f"{BY_NAME[name].meaning} ({BY_NAME[name].unit})"
    return fields.Nested(EstimateAnswer, metadata={"description": meaning})


def _time(name: str) -> fields.Field[Any]:
    return fields.Nested(DurationAnswer, metadata={"description": BY_NAME[f"time_to_{name}"].meaning})


class FiguresAnswer(Schema):
    received = _number("received", fields.Integer)
    routed = _number("routed", fields.Integer)
    unroutable = _number("unroutable", fields.Integer)
    in_triage = _number("in_triage", fields.Integer)
    border = _number("border", fields.Integer)
    decided = _number("decided", fields.Integer)
    open = _number("open", fields.Integer)
    measured = _number("measured", fields.Integer)
    notified = _number("notified", fields.Integer)
    notification_failed = _number("notification_failed", fields.Integer)
    acknowledged = _number("acknowledged", fields.Integer)
    referred = _number("referred", fields.Integer)
    resolved = _number("resolved", fields.Integer)
    declined = _number("declined", fields.Integer)
    closed = _number("closed", fields.Integer)
    reopened = _number("reopened", fields.Integer)
    reopenings = _number("reopenings", fields.Integer)
    promises_made = _number("promises_made", fields.Integer)
    promises_open = _number("promises_open", fields.Integer)
    promises_at_risk = _number("promises_at_risk", fields.Integer)
    promises_kept = _number("promises_kept", fields.Integer)
    promises_missed = _number("promises_missed", fields.Integer)
    promises_renegotiated = _number("promises_renegotiated", fields.Integer)
    withdrawn = _number("withdrawn", fields.Integer)
    silent = _number("silent", fields.Integer)
    reopen_requested = _number("reopen_requested", fields.Integer)
    tellable = _number("tellable", fields.Integer)
    told = _number("told", fields.Integer)
    invited = _number("invited", fields.Integer)
    answered = _number("answered", fields.Integer)
    unroutable_share = _number("unroutable_share", fields.Float, allow_none=True)
    border_share = _number("border_share", fields.Float, allow_none=True)
    notification_success = _number("notification_success", fields.Float, allow_none=True)
    promises_kept_share = _number("promises_kept_share", fields.Float, allow_none=True)
    loop_closed = _number("loop_closed", fields.Float, allow_none=True)
    response_rate = _number("response_rate", fields.Float, allow_none=True)
    fixed_share = _estimate("fixed_share")
    felt_heard = _estimate("felt_heard")
    felt_heard_mean = _estimate("felt_heard_mean")
    time_to_route = _time("route")
    time_to_acknowledge = _time("acknowledge")
    time_to_human_acknowledgement = _time("human_acknowledgement")
    time_to_first_word = _time("first_word")
    time_to_resolve = _time("resolve")


def _figures_of(dimension: str) -> fields.Field[Any]:
    value = fields.String(allow_none=True, metadata={"description": f"the {dimension}; null where there is none"})
    name = f"{dimension.title()}FiguresAnswer"
    of_one = Schema.from_dict({dimension: value, **FiguresAnswer._declared_fields}, name=name)
    return fields.List(fields.Nested(of_one), metadata={"description": f"by {dimension}, the most received first"})


SummaryAnswer = Schema.from_dict(
    {
        "from": fields.AwareDateTime(allow_none=True, metadata={"description": "included, UTC; null is open"}),
        "to": fields.AwareDateTime(allow_none=True, metadata={"description": "excluded, UTC; null is open"}),
        "time_zone": fields.String(metadata={"description": "the city's, whose days are meant"}),
        "area": fields.String(allow_none=True, metadata={"description": "as asked for"}),
        "totals": fields.Nested(FiguresAnswer),
        **{f"by_{each}": _figures_of(each) for each in DIMENSIONS},
    },
    name="SummaryAnswer",
)


class StepAnswer(Schema):
    start = fields.Date(metadata={"description": "its first day"})
    received = fields.Integer(metadata={"description": "concerns that came in during it"})
    resolved = fields.Integer(metadata={"description": "concerns resolved for the first time during it"})
    kept = fields.Integer(metadata={"description": "promises due during it that were kept"})
    missed = fields.Integer(metadata={"description": "promises due during it that were missed"})
    open = fields.Integer(metadata={"description": "concerns that had come in and not ended when it ended"})
    acknowledged_median = fields.Float(
        allow_none=True, metadata={"description": "time to a person's acknowledgement of those that came in, seconds"}
    )
    resolved_median = fields.Float(
        allow_none=True, metadata={"description": "time to resolve those that came in, seconds; null when not reached"}
    )


_FROM = fields.AwareDateTime(allow_none=True, metadata={"description": "included, UTC; null is open"})
_TO = fields.AwareDateTime(allow_none=True, metadata={"description": "excluded, UTC; null is open"})

TrendAnswer = Schema.from_dict(
    {
        "by": fields.String(),
        "from": _FROM,
        "to": _TO,
        "time_zone": fields.String(),
        "area": fields.String(allow_none=True),
        "category": fields.String(allow_none=True),
        "steps": fields.List(fields.Nested(StepAnswer)),
    },
    name="TrendAnswer",
)


class AreaAnswer(Schema):
    area = fields.String(allow_none=True, metadata={"description": "its code; null for concerns without an area"})
    name = fields.String(allow_none=True, metadata={"description": "null for an area that the city does not have"})
    received = _number("received", fields.Integer)
    open = _number("open", fields.Integer)
    promises_open = _number("promises_open", fields.Integer)
    promises_at_risk = _number("promises_at_risk", fields.Integer)
    promises_missed = _number("promises_missed", fields.Integer)
    time_to_human_acknowledgement = _time("human_acknowledgement")


MapAnswer = Schema.from_dict(
    {
        "from": _FROM,
        "to": _TO,
        "time_zone": fields.String(),
        "areas": fields.List(fields.Nested(AreaAnswer)),
        "outlines": fields.Dict(allow_none=True, metadata={"description": "a GeoJSON FeatureCollection"}),
    },
    name="MapAnswer",
)


class PromiseAnswer(Schema):
    promise_id = fields.String()
    promise = fields.String(metadata={"description": "acknowledgement, response or agreed"})
    case_id = fields.String()
    concern_id = fields.String()
    area = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    due_at = fields.AwareDateTime(metadata={"description": "UTC"})


class AtRiskAnswer(Schema):
    promises = fields.List(fields.Nested(PromiseAnswer))


class EventAnswer(Schema):
    event_id = fields.String()
    time = fields.AwareDateTime(metadata={"description": "when the fact came to be, UTC"})
    type = fields.String()
    concern_id = fields.String()
    category = fields.String(allow_none=True)
    area = fields.String(allow_none=True)
    team = fields.String(allow_none=True)


class LatestAnswer(Schema):
    events = fields.List(fields.Nested(EventAnswer))


def at_risk(fact: Fact, promise: Promise) -> dict[str, Any]:
    """One promise at risk as JSON values."""
    return {
        "promise_id": promise.promise_id,
        "promise": promise.kind,
        "case_id": promise.case_id,
        "concern_id": fact.concern_id,
        "area": (fact.outcome.area if fact.outcome else None) or None,
        "team": (fact.outcome.team if fact.outcome else None) or None,
        "category": fact.origin.category if fact.origin else None,
        "due_at": promise.due_at,
    }


class ExportEntryAnswer(Schema):
    measure = fields.String()
    meaning = fields.String()
    unit = fields.String()
    formula = fields.String()
    events = fields.List(fields.String())
    csv = fields.String(metadata={"description": "path of it as CSV"})
    json = fields.String(metadata={"description": "path of it as JSON"})


class ExportIndexAnswer(Schema):
    by = fields.List(fields.String(), metadata={"description": "values of `by`"})
    exports = fields.List(fields.Nested(ExportEntryAnswer))


class FigureAnswer(Schema):
    group = fields.String(allow_none=True, metadata={"description": "null for what has none, and of all concerns"})
    value = fields.Float(allow_none=True, metadata={"description": "a count, a share or a mean"})
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    count = fields.Integer()
    suppressed = fields.String(allow_none=True)
    waiting = fields.Integer()
    mean = fields.Float(allow_none=True)
    median = fields.Float(allow_none=True)
    p90 = fields.Float(allow_none=True)
    reached = fields.Float(allow_none=True)


ExportAnswer = Schema.from_dict(
    {
        "measure": fields.String(),
        "meaning": fields.String(),
        "unit": fields.String(),
        "formula": fields.String(),
        "events": fields.List(fields.String()),
        "from": _FROM,
        "to": _TO,
        "time_zone": fields.String(),
        "as_of": fields.AwareDateTime(allow_none=True, metadata={"description": "as asked for; null is now"}),
        "by": fields.String(),
        "figures": fields.List(fields.Nested(FigureAnswer), metadata={"description": "those that the measure has"}),
    },
    name="ExportAnswer",
)


class MeasureAnswer(Schema):
    name = fields.String(metadata={"description": "its name in the summary"})
    meaning = fields.String()
    unit = fields.String()
    formula = fields.String()
    events = fields.List(fields.String(), metadata={"description": "the messages it comes from"})
    prometheus = fields.String(metadata={"description": "its metric at /metrics"})


class MeasuresAnswer(Schema):
    measures = fields.List(fields.Nested(MeasureAnswer))


def summary_answer(found: Summary, period: Period, area: str | None, time_zone: str) -> dict[str, Any]:
    """The JSON values of a summary."""
    answer: dict[str, Any] = {
        "from": period.start,
        "to": period.end,
        "time_zone": time_zone,
        "area": area,
        "totals": asdict(found.totals),
    }
    for name, values in found.groups.items():
        answer[f"by_{name}"] = [{name: value or None, **asdict(figures)} for value, figures in values.items()]
    return answer
