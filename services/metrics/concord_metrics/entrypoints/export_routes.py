"""Each public figure with its definition, for spreadsheets and programs: `/v1/export`."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from io import StringIO
from typing import Any

from concord_metrics.application.summary_queries import summary, times
from concord_metrics.domain.estimates import Estimate
from concord_metrics.domain.summary import DIMENSIONS, Figures, Summary
from concord_metrics.domain.survival import Duration
from concord_metrics.entrypoints import query_params, responses
from concord_metrics.entrypoints.chart_routes import one_of
from concord_metrics.measures import BY_NAME, MEASURES, Measure
from concord_web import Problem, Request, Response, http, json_response, stream_response

CSV = "text/csv; charset=utf-8"
ALL = "all"
BY = query_params.parameter(
    "by", "the groups; `all` for one figure of all concerns", enum=[ALL, *DIMENSIONS], default=ALL
)
EXPORT = (BY, query_params.FROM, query_params.TO, query_params.AS_OF)
_KIND = {each.name: each.type for each in fields(Figures)}
_PLAIN = ("value",)
COLUMNS: Mapping[Any, tuple[str, ...]] = {
    kind: tuple(each.name for each in fields(kind)) for kind in (Duration, Estimate)
}
ABOUT = ("measure", "meaning", "unit", "formula", "events", "from", "to", "time_zone", "as_of", "by", "group")

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so may be run as a formula (OWASP, "CSV Injection"); an apostrophe makes it text."""
ROWS_AT_ONCE = 200


class ExportRoutes:
    """Needs `bus`, `city` and `kept` of the service."""

    bus: Any
    city: Any
    kept: Any

    @http(
        "GET",
        "/v1/export",
        summary="What can be exported, and where",
        tags=["export"],
        responses={200: responses.ExportIndexAnswer},
    )
    def get_exports(self, request: Request) -> Response:
        query_params.only(request, ())
        return json_response({"by": [ALL, *DIMENSIONS], "exports": [_entry(each) for each in MEASURES]})

    @http(
        "GET",
        "/v1/export/{measure}.json",
        summary="One measure with its definition as JSON",
        tags=["export"],
        responses={200: responses.ExportAnswer},
        parameters=EXPORT,
        problems=(404,),
    )
    def get_json(self, request: Request) -> Response:
        about, rows = self._figures(request)
        return json_response({**about, "figures": list(rows)})

    @http(
        "GET",
        "/v1/export/{measure}.csv",
        summary="One measure with its definition as CSV (RFC 4180), a row for each group",
        description="A code that a spreadsheet could take for a formula begins with an apostrophe.",
        tags=["export"],
        responses={200: "the rows, the first one with the names of the columns"},
        response_type=CSV,
        parameters=EXPORT,
        problems=(404,),
    )
    def get_csv(self, request: Request) -> Response:
        about, rows = self._figures(request)
        definition = {**about, "events": " ".join(about["events"])}
        columns = (*ABOUT, *columns_of(about["measure"]))
        lines = csv_lines(columns, ({**definition, **row} for row in rows))
        name = f"{about['measure']}-by-{about['by']}.csv"
        return stream_response(lines, CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    def _figures(self, request: Request) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
        """What was asked for and the measure's definition; its figures, one for each group."""
        measure = BY_NAME.get(request.params["measure"])
        if measure is None:
            raise Problem(404, detail="There is no such measure: /v1/export lists them.")
        query_params.only(request, EXPORT)
        by, zone = one_of(request, "by", (ALL, *DIMENSIONS), ALL), self.city.zone
        period, as_of = query_params.period(request, zone), query_params.as_of(request, zone)
        with self.bus.read() as store:
            question = ("times", period, None, as_of)
            took = self.kept.get(question, lambda: times(store, period, None, as_of or query_params.now()))
            found = summary(store, period, None, zone, took)
        about = {
            "measure": measure.name,
            "meaning": measure.meaning,
            "unit": measure.unit,
            "formula": measure.formula,
            "events": list(measure.events),
            "from": period.start,
            "to": period.end,
            "time_zone": str(zone),
            "as_of": as_of,
            "by": by,
        }
        return about, rows_of(found, measure.name, by)


def rows_of(found: Summary, measure: str, by: str) -> Iterator[dict[str, Any]]:
    """`group` is None for what has no value of that dimension, and of all concerns."""
    groups: Iterable[tuple[str, Figures]] = [("", found.totals)] if by == ALL else found.groups[by].items()
    for group, figures in groups:
        figure = getattr(figures, measure)
        values = asdict(figure) if isinstance(figure, Duration | Estimate) else {"value": figure}
        yield {"group": group or None, **values}


def columns_of(measure: str) -> tuple[str, ...]:
    """The columns of a measure's figures."""
    return COLUMNS.get(_KIND[measure], _PLAIN)


def _entry(measure: Measure) -> dict[str, Any]:
    base = f"/v1/export/{measure.name}"
    about = {"measure": measure.name, "meaning": measure.meaning, "unit": measure.unit, "formula": measure.formula}
    return {**about, "events": list(measure.events), "csv": f"{base}.csv", "json": f"{base}.json"}


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The head and the rows after RFC 4180, in pieces of UTF-8; what is None is left empty."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(row.get(name)) for name in columns])
        if number % ROWS_AT_ONCE == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def cell(value: Any) -> Any:
    """A value as a cell: text that would be a formula begins with an apostrophe."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
