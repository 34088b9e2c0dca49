"""`concord tail`: the options, and what ends it."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from concord_cli.common.broker_target import broker_of
from concord_cli.common.options import home_option
from concord_cli.common.time_option import Moment
from concord_cli.tail.event_filter import Seen, Wanted, read, unknown
from concord_cli.tail.output import as_json as json_line
from concord_cli.tail.output import as_line
from concord_cli.tail.stream_follower import Away, Follower

INTERRUPTED = 130


@click.command()
@click.option("--type", "types", multiple=True, metavar="GLOB", help="Only types like this; may be repeated.")
@click.option("--area", "areas", multiple=True, metavar="GLOB", help="Only areas like this; _ for none.")
@click.option("--category", "categories", multiple=True, metavar="GLOB", help="Only categories like this.")
@click.option("--since", type=Moment(), help="Begin at: 30m, 2h, 7d ago or 2026-11-22T18:20.  [default: now]")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after N events.")
@click.option("--json", "as_json", is_flag=True, help="Print each event whole, as one line of JSON.")
@click.option(
    "--broker",
    metavar="URL",
    envvar="CONCORD_BROKER_URL",
    show_envvar=True,
    help="amqp://user:password@host:5672/vhost, a login that may read concord.log.  [default: that of --home]",
)
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
    """Show public events as they happen, until Ctrl-C: time, type, area, category, team, end of the concern's id.

    They hold no name, contact or text of a resident. A GLOB has * for any text, ? for one character; quote it.
    When the broker goes away, it is tried again and nothing is left out. With --since the broker may begin a
    little earlier: it keeps events in bundles.

    Exit code: 0 after --count, 1 when no broker answers, 2 for a wrong call, 130 after Ctrl-C.

    \b
    Examples:
      concord tail
      concord tail --type 'concern.*' --area B2 --area B3 --category graffiti
      concord tail --since 2h --json | jq .data.category
    """
    for each in unknown(types):
        click.echo(f"--type {each}: no type that this version knows is like this.", err=True)
    follower = Follower(broker_of(broker, home), since or "next", lambda line: click.echo(line, err=True))
    show = json_line if as_json else as_line
    try:
        for number, seen in enumerate(_wanted(follower, Wanted(types, areas, categories)), start=1):
            click.echo(show(seen))
            if number == count:
                break
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Away as away:
        raise click.ClickException(str(away)) from away


def _wanted(follower: Follower, wanted: Wanted) -> Iterator[Seen]:
    for body in follower.bodies():
        seen = read(body)
        if seen and wanted.fits(seen):
            yield seen
