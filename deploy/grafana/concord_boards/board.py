"""The parts of a dashboard as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    LINES = "lines over time"
    STACK = "lines over time, one on top of the other"
    NUMBER = "the figure now"
    YES_OR_NO = "whether it is 1 or 0 now"
    BARS = "one bar for each value, now"
    TABLE = "one line for each series, now"


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel. `meaning` is its help text.

    `queries` are PromQL by legend, where `{{label}}` stands for a label's value. `unit` is one of Grafana's. A figure
    of `warn` or more has another colour. The panel shows the text `nothing` without a figure. Width and height are in
    units of Grafana's grid, which is 24 wide.
    """

    kind: Kind
    title: str
    meaning: str
    queries: Mapping[str, str]
    unit: str = "short"
    warn: float | None = None
    nothing: str = "nothing yet"
    width: int = 8
    height: int = 8


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    panels: tuple[PanelSpec, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A whole dashboard. `uid` is its permanent name in links. `since` is the start of its initial time range."""

    uid: str
    title: str
    meaning: str
    since: str
    rows: tuple[Row, ...]
    tags: tuple[str, ...] = field(default=("concord",))
