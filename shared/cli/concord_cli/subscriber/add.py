"""`concord subscriber add`."""

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from concord_bus.topology import Grant, Limits, Subscriber, Subscribers
from concord_bus.topology.grants import check_codes
from concord_cli.common.errors import UsageError
from concord_cli.subscriber.filling import fill_stream
from concord_cli.subscriber.instructions import instructions
from concord_cli.subscriber.options import JSON, NAME, Codes, Days, where
from concord_cli.subscriber.output import as_lines, described
from concord_cli.subscriber.target import Place
from concord_cli.up.options import checkout

MOST = 10_000_000


@click.command()
@NAME
@click.option("--types", type=Codes(), required=True, help="Types of events, with commas between.")
@click.option("--areas", type=Codes(), default="", help="Only these areas; _ for events without one.  [default: any]")
@click.option("--categories", type=Codes(), default="", help="Only these categories; _ for none.  [default: any]")
@click.option("--replay", type=Days(), default="0d", help="How far back it may read the past: up to 30d.")
@click.option("--queues", type=Codes(), default="events", show_default=True, help="Names of its queues sub.NAME.….")
@click.option("--connections", type=click.IntRange(1, 100), default=2, show_default=True, help="At most, at a time.")
@click.option("--length", type=click.IntRange(1, MOST), default=100_000, show_default=True, help="Messages in a queue.")
@click.option("--expiry", type=Days(), default="7d", show_default=True, help="How long a message waits in a queue.")
@click.option(
    "--city",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="CONCORD_CITY",
    show_envvar=True,
    help="City folder that has the areas and categories.  [default: that of the local run]",
)
@click.option("--update", is_flag=True, help="Change the grant of one that exists; its secret stays.")
@JSON
@where
def add(
    place: Place,
    name: str,
    types: tuple[str, ...],
    areas: tuple[str, ...],
    categories: tuple[str, ...],
    replay: int,
    queues: tuple[str, ...],
    connections: int,
    length: int,
    expiry: int,
    city: Path | None,
    update: bool,
    as_json: bool,
) -> None:
    """Give another city service a log-in called NAME that sees the events it is granted, and nothing else.

    Its queues collect from now on. The secret is shown once, within lines that are ready to run. With --replay it gets
    a log of its own, sub.NAME.replay, filled with what it was granted of the past.

    Exit code: 0 done, 1 the broker did not do it, 2 a wrong call, such as a name that is taken.

    \b
    Examples:
      concord subscriber add parks --types concern.routed.v1,concern.resolved.v1 \\
                             --areas B2,B3 --categories graffiti --replay 30d
      concord subscriber add parks --update --types concern.routed.v1 --areas B2
      concord subscriber add open-data --types concern.received.v1 --city deploy/sample/boston/city --json
    """
    limits = Limits(length, days=expiry, connections=connections)
    grant = Grant(name, types, areas, categories, queues, replay, limits)
    _check_codes(grant, city or place.city)
    subscribers = place.subscribers()
    there = subscribers.find(name)
    if there and not update:
        raise UsageError(f"There is a subscriber '{name}' already: change it with --update, see it with `show`.")
    if update and not there:
        raise UsageError(f"There is no subscriber '{name}' to change: leave --update out.")
    if there:
        _change(place, subscribers, there, grant, as_json)
    else:
        _add(place, subscribers, grant, as_json)


def _add(place: Place, subscribers: Subscribers, grant: Grant, as_json: bool) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    subscriber, secret = Subscriber(grant, now, now), secrets.token_urlsafe(24)
    subscribers.add(subscriber, secret)
    listeners = subscribers.listeners()
    url = place.url_for(grant.name, secret, listeners)
    if as_json:
        click.echo(json.dumps({**described(subscriber), "url": url}, indent=2))
    else:
        click.echo(as_lines(subscriber), err=True)
        click.echo(instructions(grant, url, checkout()))
    fill_stream(place, subscribers, grant)


def _change(place: Place, subscribers: Subscribers, there: Subscriber, grant: Grant, as_json: bool) -> None:
    subscriber = replace(there, grant=grant)
    subscribers.change(subscriber)
    fill_stream(place, subscribers, grant, anew=there.grant.replay_days != grant.replay_days)
    click.echo(json.dumps(described(subscriber), indent=2) if as_json else as_lines(subscriber))


def _check_codes(grant: Grant, folder: Path | None) -> None:
    if not grant.areas and not grant.categories:
        return
    if folder is None:
        raise UsageError("Areas and categories are checked against the city: give --city its folder.")
    from concord_city import CityError, load

    try:
        city = load(folder)
    except CityError as error:
        raise UsageError(f"{folder} is not a usable city folder: see `concord city check {folder}`.") from error
    check_codes(grant, ["_", *city.areas], ["_", *city.categories])
