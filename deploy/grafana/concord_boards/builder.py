"""Builds a dashboard with Grafana's own typed builders."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as query_model

from concord_boards.board import Board, Kind, PanelSpec, Row

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
"""The Prometheus that the user chooses at the top of the dashboard, so that it fits any Grafana."""
CALM, LOUD = "blue", "orange"
"""Colours that colour-blind people can distinguish too."""

Panel = timeseries.Panel | stat.Panel | bargauge.Panel | table.Panel


def build(board: Board) -> model.Dashboard:
    """Return the dashboard. Its panels have numbers in order, so that the result is the same every time."""
    builder = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.meaning)
        .tags(list(board.tags))
        .time(board.since, "now")
        .timezone("browser")
        .refresh("30s")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .readonly()
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    numbers = count(1)
    for row in board.rows:
        builder = builder.with_row(dashboard.Row(row.title).id(next(numbers)))
        for panel in _panels(row):
            builder = builder.with_panel(panel.id(next(numbers)))
    return builder.build()


def _panels(row: Row) -> Iterator[Panel]:
    for spec in row.panels:
        panel = _PANELS[spec.kind](spec).title(spec.title).description(spec.meaning).datasource(SOURCE)
        panel = panel.unit(spec.unit).span(spec.width).height(spec.height).no_value(spec.nothing)
        panel = panel.thresholds(_thresholds(spec))
        for place, (legend, expression) in enumerate(spec.queries.items()):
            panel = panel.with_target(_target(spec.kind, chr(ord("A") + place), legend, expression))
        yield panel


def _target(kind: Kind, name: str, legend: str, expression: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(name).expr(expression).legend_format(legend).datasource(SOURCE)
    if kind is Kind.TABLE:
        return target.instant().format(query_model.PromQueryFormat.TABLE)
    return target.range() if kind in (Kind.LINES, Kind.STACK) else target.instant()


def _thresholds(spec: PanelSpec) -> dashboard.ThresholdsConfig:
    if spec.kind is Kind.YES_OR_NO:
        steps = [model.Threshold(None, LOUD), model.Threshold(1, CALM)]
    elif spec.warn is not None:
        steps = [model.Threshold(None, CALM), model.Threshold(spec.warn, LOUD)]
    else:
        steps = [model.Threshold(None, CALM)]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _lines(spec: PanelSpec) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True).display_mode(common_model.LegendDisplayMode.LIST)
    panel = timeseries.Panel().min(0).line_width(2).legend(legend.placement(common_model.LegendPlacement.BOTTOM))
    if spec.kind is Kind.STACK:
        panel = panel.stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL)).fill_opacity(30)
    return panel


def _number(spec: PanelSpec) -> stat.Panel:
    return stat.Panel().reduce_options(_last()).graph_mode(common_model.BigValueGraphMode.NONE)


def _yes_or_no(spec: PanelSpec) -> stat.Panel:
    words = {"1": model.ValueMappingResult(text="yes"), "0": model.ValueMappingResult(text="no")}
    return _number(spec).mappings([model.ValueMap(options=words)]).color_mode(common_model.BigValueColorMode.BACKGROUND)


def _bars(spec: PanelSpec) -> bargauge.Panel:
    panel = bargauge.Panel().min(0).reduce_options(_last()).display_mode(common_model.BarGaugeDisplayMode.BASIC)
    return panel.orientation(common_model.VizOrientation.HORIZONTAL)


def _table(spec: PanelSpec) -> table.Panel:
    """Return a table without the columns that are the same in each line."""
    hidden = dict.fromkeys(("Time", "Value", "__name__", "alertstate", "job"), True)
    fewer = model.DataTransformerConfig("organize", options={"excludeByName": hidden})
    return table.Panel().show_header(True).with_transformation(fewer)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


_PANELS: Mapping[Kind, Callable[[PanelSpec], Panel]] = {
    Kind.LINES: _lines,
    Kind.STACK: _lines,
    Kind.NUMBER: _number,
    Kind.YES_OR_NO: _yes_or_no,
    Kind.BARS: _bars,
    Kind.TABLE: _table,
}
