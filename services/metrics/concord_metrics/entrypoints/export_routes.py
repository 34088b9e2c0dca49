"""Routes of the export: each measure with its definition, as JSON or CSV, for programs and spreadsheets."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from io import StringIO
from typing import Any

from concord_contracts.csv_cells import as_text
from concord_metrics.application.summary_queries import summary
from concord_metrics.domain.estimates import Estimate
from concord_metrics.domain.summary import DIMENSIONS, Figures, Summary
from concord_metrics.domain.survival import Duration
from concord_metrics.entrypoints import responses
from concord_metrics.entrypoints.query_params import PERIOD, PeriodQuery
from concord_metrics.measures import BY_NAME, MEASURES, Measure
from concord_web import Problem, Request, Response, http, json_response, params, stream_response
from concord_web.params import Parameters

CSV = "text/csv; charset=utf-8"
ALL = "all"
GROUPINGS = (ALL, *DIMENSIONS)
BY = params.one_of("by", GROUPINGS, "the groups; `all` for one figure over all concerns").with_default(ALL)
EXPORT = Parameters(BY, *PERIOD)
INDEX = Parameters()
_TYPES = {field.name: field.type for field in fields(Figures)}
_COLUMNS: Mapping[Any, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Duration, Estimate)
}
DEFINITION = ("measure", "meaning", "unit", "formula", "events", "from", "to", "time_zone", "as_of", "by", "group")
ROWS_PER_CHUNK = 200


class ExportRoutes:
    """Mixin of the service class, which has `bus`, `city` and `cache`."""

    bus: Any
    city: Any
    cache: Any

    @http(
        "GET",
        "/v1/export",
        summary="The measures that you can export, with their paths",
        tags=["export"],
        responses={200: responses.ExportIndexResponse},
    )
    def get_exports(self, request: Request) -> Response:
        INDEX.read(request)
        return json_response({"by": list(GROUPINGS), "exports": [_entry(measure) for measure in MEASURES]})

    @http(
        "GET",
        "/v1/export/{measure}.json",
        summary="One measure with its definition as JSON",
        tags=["export"],
        responses={200: responses.ExportResponse},
        parameters=EXPORT.openapi(),
        problems=(404,),
    )
    def get_json(self, request: Request) -> Response:
        definition, rows = self._export(request)
        return json_response({**definition, "figures": list(rows)})

    @http(
        "GET",
        "/v1/export/{measure}.csv",
        summary="One measure with its definition as CSV (RFC 4180), a row for each group",
        description="An apostrophe precedes a code that a spreadsheet could run as a formula.",
        tags=["export"],
        responses={200: "the rows, the first one with the names of the columns"},
        response_type=CSV,
        parameters=EXPORT.openapi(),
        problems=(404,),
    )
    def get_csv(self, request: Request) -> Response:
        definition, rows = self._export(request)
        definition["events"] = " ".join(definition["events"])
        columns = (*DEFINITION, *columns_of(definition["measure"]))
        lines = csv_lines(columns, ({**definition, **row} for row in rows))
        name = f"{definition['measure']}-by-{definition['by']}.csv"
        return stream_response(lines, CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    def _export(self, request: Request) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
        """The definition with the period, and a row for each group."""
        measure = BY_NAME.get(request.params["measure"])
        if measure is None:
            raise Problem(404, detail="There is no such measure. /v1/export lists all measures.")
        values = EXPORT.read(request)
        query, by = PeriodQuery.of(values, self.city.zone), values[BY]
        with self.bus.read() as store:
            result = summary(store, query.period, None, query.zone, query.durations(store, self.cache))
        definition = {**_definition(measure), **query.as_json(), "as_of": query.as_of, "by": by}
        return definition, rows_of(result, measure.name, by)


def rows_of(result: Summary, measure: str, by: str) -> Iterator[dict[str, Any]]:
    """A row for each group. `group` is None over all concerns, and for concerns without a value of the dimension."""
    groups: Iterable[tuple[str, Figures]] = [("", result.totals)] if by == ALL else result.groups[by].items()
    for group, figures in groups:
        figure = getattr(figures, measure)
        values = asdict(figure) if isinstance(figure, Duration | Estimate) else {"value": figure}
        yield {"group": group or None, **values}


def columns_of(measure: str) -> tuple[str, ...]:
    """The columns of a measure's figures."""
    return _COLUMNS.get(_TYPES[measure], ("value",))


def _definition(measure: Measure) -> dict[str, Any]:
    return {
        "measure": measure.name,
        "meaning": measure.meaning,
        "unit": measure.unit,
        "formula": measure.formula,
        "events": list(measure.events),
    }


def _entry(measure: Measure) -> dict[str, Any]:
    base = f"/v1/export/{measure.name}"
    return {**_definition(measure), "csv": f"{base}.csv", "json": f"{base}.json"}


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Header and rows after RFC 4180, in chunks of UTF-8; None becomes an empty cell."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(row.get(name)) for name in columns])
        if number % ROWS_PER_CHUNK == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def cell(value: Any) -> Any:
    """A value as a cell; an apostrophe precedes text that could be a formula."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return as_text(value) if isinstance(value, str) else value
