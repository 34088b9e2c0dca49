"""`concord tail`."""

import sys
from datetime import datetime
from pathlib import Path

import click

from concord_cli.common.broker_target import broker_of
from concord_cli.common.options import BROKER, home_option, json_option, since_option
from concord_cli.common.output_streams import discard_rest
from concord_cli.common.public_event import parse_event
from concord_cli.tail.event_filter import EventFilter, unknown_types
from concord_cli.tail.output import to_json, to_line
from concord_cli.tail.stream_follower import BrokerUnavailable, StreamFollower

INTERRUPTED = 130


@click.command()
@click.option("--type", "types", multiple=True, metavar="GLOB", help="Only matching event types (repeatable).")
@click.option("--area", "areas", multiple=True, metavar="GLOB", help="Only matching areas (repeatable); _ for none.")
@click.option("--category", "categories", multiple=True, metavar="GLOB", help="Only matching categories (repeatable).")
@since_option("Start time: 30m, 2h or 7d ago, or 2026-11-22T18:20.  [default: now]")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="Stop after N events.")
@json_option("Print each event as one line of JSON.")
@BROKER
@home_option()
def tail(
    types: tuple[str, ...],
    areas: tuple[str, ...],
    categories: tuple[str, ...],
    since: datetime | None,
    count: int | None,
    as_json: bool,
    broker: str | None,
    home: Path,
) -> None:
    """Print public events as they happen, until Ctrl-C.

    Each line has time (UTC), type, area, category, team, and the end of the concern's id. Public events contain no
    personal data. In a GLOB * matches any text and ? one character; quote it.

    After an interruption of the broker the command continues without a gap. With --since it may begin a little
    earlier, because the broker stores events in chunks.

    Exit code: 0 after --count, 1 if the broker is unavailable, 2 for a usage error, 130 after Ctrl-C.

    \b
    Examples:
      concord tail
      concord tail --type 'concern.*' --area B2 --category graffiti
      concord tail --since 2h --json | jq .data.category
    """
    for pattern in unknown_types(types):
        click.echo(f"--type {pattern}: this version has no matching event type.", err=True)
    follower = StreamFollower(broker_of(broker, home), since or "next", lambda line: click.echo(line, err=True))
    view = to_json if as_json else to_line
    wanted = EventFilter(types, areas, categories)
    events = (event for body in follower.bodies() if (event := parse_event(body)) and wanted.matches(event))
    try:
        for number, event in enumerate(events, start=1):
            click.echo(view(event))
            if number == count:
                break
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader, such as `head`, has ended
        discard_rest(sys.stdout)
    except BrokerUnavailable as error:
        raise click.ClickException(str(error)) from error
