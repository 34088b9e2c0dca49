"""Response schemas and serializers."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from dataclasses import fields as fields_of
from functools import partial
from typing import Any

from marshmallow import Schema, fields

from concord_metrics.domain.area_figures import AreaFigures
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.estimates import Estimate
from concord_metrics.domain.promises import Promise
from concord_metrics.domain.summary import DIMENSIONS, Figures, Summary
from concord_metrics.domain.survival import Duration
from concord_metrics.measures import BY_NAME
from concord_web import fields as web_fields

# No field is marked as required in the OpenAPI document of version 1.
_text = partial(web_fields.response_text, required=False)
_instant = partial(web_fields.response_instant, required=False)


def _integer(description: str) -> fields.Integer:
    return fields.Integer(metadata={"description": description})


def _number(description: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": description})


def _schema(name: str, /, **declared: fields.Field[Any]) -> type[Schema]:
    """A schema with fields that other schemas have too."""
    return Schema.from_dict(declared, name=name)


class DurationResponse(Schema):
    count = _integer("concerns that reached it")
    waiting = _integer("concerns that still wait for it, or waited until they ended")
    mean = _number("over the count, in seconds; null without any")
    median = _number("Kaplan-Meier estimate in seconds; null if more than half still wait")
    p90 = _number("Kaplan-Meier estimate in seconds: nine in ten take no longer; null if too many still wait")
    reached = _number("share that the estimate reaches so far")


class EstimateResponse(Schema):
    value = fields.Float(allow_none=True)
    low = _number("lower end of the 95 % interval of a share")
    high = _number("upper end of it")
    count = _integer("number of answers")
    suppressed = _text("reason for the suppression; null if there is none", null=True)


def _measure_fields(figures: type[Any]) -> Iterator[tuple[str, fields.Field[Any]]]:
    """A field for each figure that is a measure, with its meaning and unit."""
    for figure in fields_of(figures):
        if figure.name not in BY_NAME:
            continue
        measure = BY_NAME[figure.name]
        about: dict[str, Any] = {"description": f"{measure.meaning} ({measure.unit})"}
        if figure.type is Duration:
            yield figure.name, fields.Nested(DurationResponse, metadata=about)
        elif figure.type is Estimate:
            yield figure.name, fields.Nested(EstimateResponse, metadata=about)
        elif figure.type is int:
            yield figure.name, fields.Integer(metadata=about)
        else:
            yield figure.name, fields.Float(allow_none=True, metadata=about)


FIGURES = dict(_measure_fields(Figures))
FiguresResponse = _schema("FiguresResponse", **FIGURES)


def _figures_by(dimension: str) -> fields.Field[Any]:
    value = _text(f"the {dimension}; null for concerns without one", null=True)
    schema = _schema(f"{dimension.title()}FiguresResponse", **{dimension: value}, **FIGURES)
    return fields.List(fields.Nested(schema), metadata={"description": f"by {dimension}, the most received first"})


PERIOD: Mapping[str, fields.Field[Any]] = {
    "from": _instant("start, inclusive; null is open", null=True),
    "to": _instant("end, exclusive; null is open", null=True),
    "time_zone": _text("the city's time zone, which defines the days"),
}
SummaryResponse = _schema(
    "SummaryResponse",
    **PERIOD,
    area=_text("as in the request", null=True),
    totals=fields.Nested(FiguresResponse),
    **{f"by_{dimension}": _figures_by(dimension) for dimension in DIMENSIONS},
)


class StepResponse(Schema):
    start = fields.Date(metadata={"description": "its first day"})
    received = _integer("concerns received in it")
    resolved = _integer("concerns with their first resolution in it")
    kept = _integer("promises due in it that were kept")
    missed = _integer("promises due in it that were missed")
    open = _integer("open cases at its end")
    acknowledged_median = _number("median time to a person's acknowledgement of the concerns received in it, seconds")
    resolved_median = _number("median time to resolve the concerns received in it, seconds; null if not reached")


TrendResponse = _schema(
    "TrendResponse",
    by=fields.String(),
    **PERIOD,
    area=fields.String(allow_none=True),
    category=fields.String(allow_none=True),
    steps=fields.List(fields.Nested(StepResponse)),
)
AreaResponse = _schema(
    "AreaResponse",
    area=_text("code; null for concerns without an area", null=True),
    name=_text("null for an area that the city does not have", null=True),
    **dict(_measure_fields(AreaFigures)),
)
MapResponse = _schema(
    "MapResponse",
    **PERIOD,
    areas=fields.List(fields.Nested(AreaResponse)),
    outlines=fields.Dict(allow_none=True, metadata={"description": "a GeoJSON FeatureCollection"}),
)


class PromiseResponse(Schema):
    promise_id = fields.String()
    promise = _text("acknowledgement, response or agreed")
    case_id = fields.String()
    concern_id = fields.String()
    area = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    due_at = _instant("")


class AtRiskResponse(Schema):
    promises = fields.List(fields.Nested(PromiseResponse))


class EventResponse(Schema):
    event_id = fields.String()
    time = _instant("time of the fact")
    type = fields.String()
    concern_id = fields.String()
    category = fields.String(allow_none=True)
    area = fields.String(allow_none=True)
    team = fields.String(allow_none=True)


class LatestResponse(Schema):
    events = fields.List(fields.Nested(EventResponse))


DEFINITION: Mapping[str, fields.Field[Any]] = {
    **{name: fields.String() for name in ("measure", "meaning", "unit", "formula")},
    "events": fields.List(fields.String(), metadata={"description": "the messages that it comes from"}),
}
ExportEntryResponse = _schema(
    "ExportEntryResponse",
    **DEFINITION,
    csv=_text("path as CSV"),
    json=_text("path as JSON"),
)


class ExportIndexResponse(Schema):
    by = fields.List(fields.String(), metadata={"description": "values of `by`"})
    exports = fields.List(fields.Nested(ExportEntryResponse))


FigureResponse = Schema.from_dict(
    {
        "group": _text("null over all concerns, and for concerns without a value", null=True),
        **EstimateResponse._declared_fields,
        **DurationResponse._declared_fields,
        "value": _number("a count, a share or a mean"),
    },
    name="FigureResponse",
)
ExportResponse = _schema(
    "ExportResponse",
    **DEFINITION,
    **PERIOD,
    as_of=_instant("as in the request; null is now", null=True),
    by=fields.String(),
    figures=fields.List(fields.Nested(FigureResponse), metadata={"description": "a figure for each group"}),
)
MeasureResponse = _schema(
    "MeasureResponse",
    name=_text("its name in the summary"),
    **{name: field for name, field in DEFINITION.items() if name != "measure"},
    prometheus=_text("its metric at /metrics"),
)


class MeasuresResponse(Schema):
    measures = fields.List(fields.Nested(MeasureResponse))


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


def summary_values(summary: Summary) -> dict[str, Any]:
    """The figures of a summary as JSON values."""
    groups = {
        f"by_{name}": [{name: value or None, **asdict(figures)} for value, figures in values.items()]
        for name, values in summary.groups.items()
    }
    return {"totals": asdict(summary.totals), **groups}
