"""An event as one line: in columns and colours for a person, as JSON for a program."""

import json

import click

from concord_cli.common.public_event import PublicEvent
from concord_cli.common.terminal_text import plain

ID_WIDTH = 8
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
"""Colours by the second part of the type. The line shows the type too, so colour is never the only sign."""


def to_line(event: PublicEvent) -> str:
    """Return time (UTC), type, area, category, team and the end of the concern's id, which differs most."""
    kind = event.type.split(".")[1] if event.type.count(".") else ""
    event_type = click.style(f"{plain(event.type):<{TYPE_WIDTH}}", fg=COLOURS.get(kind), bold=kind in COLOURS)
    time = click.style(event.time.strftime("%Y-%m-%d %H:%M:%SZ"), dim=True)
    area, category = f"{plain(event.area):<{AREA_WIDTH}}", f"{plain(event.category):<{CATEGORY_WIDTH}}"
    return (
        f"{time}  {event_type} {area} {category} {plain(event.team):<{TEAM_WIDTH}} {plain(event.concern)[-ID_WIDTH:]}"
    )


def to_json(event: PublicEvent) -> str:
    """Return the whole CloudEvent on one line."""
    return json.dumps(event.envelope, separators=(",", ":"))  # ASCII: the terminal may have any character set
