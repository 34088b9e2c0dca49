"""One event as one line: for a person in columns and colours, for a program as JSON."""

import click
import orjson

from concord_cli.common.terminal_text import plain
from concord_cli.tail.event_filter import Seen

SHORT = 8
TYPE_WIDTH, AREA_WIDTH, CATEGORY_WIDTH, TEAM_WIDTH = 26, 8, 22, 16
COLOURS = {
    "unroutable": "red",
    "missed": "red",
    "failed": "red",
    "at_risk": "yellow",
    "reopened": "yellow",
    "declined": "yellow",
    "kept": "green",
    "resolved": "green",
    "delivered": "green",
    "routed": "cyan",
    "acknowledged": "cyan",
}
"""By the word of the type that says what happened; the word itself is always there to be read."""


def as_line(seen: Seen) -> str:
    """Time (UTC), type, area, category, team, end of the concern's id: ids made together begin alike."""
    what = seen.type.split(".")[1] if seen.type.count(".") else ""
    kind = click.style(f"{plain(seen.type):<{TYPE_WIDTH}}", fg=COLOURS.get(what), bold=what in COLOURS)
    when = click.style(seen.time.strftime("%Y-%m-%d %H:%M:%SZ"), dim=True)
    where = (
        f"{plain(seen.area):<{AREA_WIDTH}} {plain(seen.category):<{CATEGORY_WIDTH}} {plain(seen.team):<{TEAM_WIDTH}}"
    )
    return f"{when}  {kind} {where} {plain(seen.concern)[-SHORT:]}"


def as_json(seen: Seen) -> str:
    """The whole CloudEvent on one line."""
    return orjson.dumps(seen.envelope).decode()
