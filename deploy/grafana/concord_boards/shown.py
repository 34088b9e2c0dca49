"""What a dashboard is made of, as plain values."""

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
class Shown:
    """One panel. `meaning` is its help; `queries` are PromQL by legend, where `{{label}}` stands for a label's value.

    `unit` is one of Grafana's. From `warn` on a figure is shown in another colour; `nothing` is said where there is no
    figure. Width and height are in Grafana's grid, which is 24 wide.
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
    panels: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A whole dashboard; `uid` is its lasting name in links. `since` is the time it shows at first."""

    uid: str
    title: str
    meaning: str
    since: str
    rows: tuple[Row, ...]
    tags: tuple[str, ...] = field(default=("concord",))
