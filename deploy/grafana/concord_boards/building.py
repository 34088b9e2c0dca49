"""Draws a board with Grafana's own typed builders."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common as drawn
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as asked

from concord_boards.shown import Board, Kind, Row, Shown

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
"""Whichever Prometheus is chosen at the top of the dashboard, so that it fits any Grafana."""
CALM, LOUD = "blue", "orange"
"""Told apart by the colour-blind too."""

Panel = timeseries.Panel | stat.Panel | bargauge.Panel | table.Panel


def built(board: Board) -> model.Dashboard:
    """The whole dashboard. Its panels are numbered in order, so that it comes out the same every time."""
    made = (
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
        made = made.with_row(dashboard.Row(row.title).id(next(numbers)))
        for panel in _panels(row):
            made = made.with_panel(panel.id(next(numbers)))
    return made.build()


def _panels(row: Row) -> Iterator[Panel]:
    for shown in row.panels:
        panel = _PANELS[shown.kind](shown).title(shown.title).description(shown.meaning).datasource(SOURCE)
        panel = panel.unit(shown.unit).span(shown.width).height(shown.height).no_value(shown.nothing)
        panel = panel.thresholds(_thresholds(shown))
        for place, (legend, expression) in enumerate(shown.queries.items()):
            panel = panel.with_target(_target(shown.kind, chr(ord("A") + place), legend, expression))
        yield panel


def _target(kind: Kind, name: str, legend: str, expression: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(name).expr(expression).legend_format(legend).datasource(SOURCE)
    if kind is Kind.TABLE:
        return target.instant().format(asked.PromQueryFormat.TABLE)
    return target.range() if kind in (Kind.LINES, Kind.STACK) else target.instant()


def _thresholds(shown: Shown) -> dashboard.ThresholdsConfig:
    if shown.kind is Kind.YES_OR_NO:
        steps = [model.Threshold(None, LOUD), model.Threshold(1, CALM)]
    elif shown.warn is not None:
        steps = [model.Threshold(None, CALM), model.Threshold(shown.warn, LOUD)]
    else:
        steps = [model.Threshold(None, CALM)]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _lines(shown: Shown) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True).display_mode(drawn.LegendDisplayMode.LIST)
    panel = timeseries.Panel().min(0).line_width(2).legend(legend.placement(drawn.LegendPlacement.BOTTOM))
    if shown.kind is Kind.STACK:
        panel = panel.stacking(common.StackingConfig().mode(drawn.StackingMode.NORMAL)).fill_opacity(30)
    return panel


def _number(shown: Shown) -> stat.Panel:
    return stat.Panel().reduce_options(_last()).graph_mode(drawn.BigValueGraphMode.NONE)


def _yes_or_no(shown: Shown) -> stat.Panel:
    words = {"1": model.ValueMappingResult(text="yes"), "0": model.ValueMappingResult(text="no")}
    return _number(shown).mappings([model.ValueMap(options=words)]).color_mode(drawn.BigValueColorMode.BACKGROUND)


def _bars(shown: Shown) -> bargauge.Panel:
    panel = bargauge.Panel().min(0).reduce_options(_last()).display_mode(drawn.BarGaugeDisplayMode.BASIC)
    return panel.orientation(drawn.VizOrientation.HORIZONTAL)


def _table(shown: Shown) -> table.Panel:
    """Without the columns that say the same in each line."""
    hidden = dict.fromkeys(("Time", "Value", "__name__", "alertstate", "job"), True)
    fewer = model.DataTransformerConfig("organize", options={"excludeByName": hidden})
    return table.Panel().show_header(True).with_transformation(fewer)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


_PANELS: Mapping[Kind, Callable[[Shown], Panel]] = {
    Kind.LINES: _lines,
    Kind.STACK: _lines,
    Kind.NUMBER: _number,
    Kind.YES_OR_NO: _yes_or_no,
    Kind.BARS: _bars,
    Kind.TABLE: _table,
}
