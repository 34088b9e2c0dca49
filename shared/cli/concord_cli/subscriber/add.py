"""`concord subscriber add`."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from concord_bus.topology.grants import Grant, Limits, check_codes
from concord_bus.topology.subscriber_admin import Subscriber, Subscribers
from concord_cli.common.broker_audit import BrokerAudit
from concord_cli.common.errors import UsageError
from concord_cli.common.options import CITY_FOLDER
from concord_cli.common.source_checkout import source_checkout
from concord_cli.common.terminal_text import echo, utc_now
from concord_cli.common.time_option import DAYS
from concord_cli.subscriber.audit_entries import sizes, subject_of
from concord_cli.subscriber.backfill import fill_stream
from concord_cli.subscriber.options import NAME, Codes, common_options
from concord_cli.subscriber.output import arguments, instructions, to_json, to_text
from concord_cli.subscriber.target import Target
from concord_cli.subscriber.waiting_events import SweepError, drop_taken_away

LENGTH = click.IntRange(1, 10_000_000)
CONNECTIONS = click.IntRange(1, 100)
ENDS = (
    "A program that still names the wider grant ends with Refused at its next connection: "
    "the department must change it and start it again."
)
CHANGE_PROGRAM = "These arguments of Subscriber fit the new grant:"


@click.command()
@NAME
@click.option("--types", type=Codes(), required=True, help="Event types to grant, separated by commas.")
@click.option("--areas", type=Codes(), default="", help="Areas to grant; _ for events without one.  [default: all]")
@click.option("--categories", type=Codes(), default="", help="Categories to grant; _ for none.  [default: all]")
@click.option("--replay", type=DAYS, default="0d", help="Age of the oldest event that it may replay, up to 30d.")
@click.option("--queues", type=Codes(), default="events", show_default=True, help="Names of its queues sub.NAME.….")
@click.option("--connections", type=CONNECTIONS, default=2, show_default=True, help="Maximum of open connections.")
@click.option("--length", type=LENGTH, default=100_000, show_default=True, help="Maximum of messages per queue.")
@click.option("--expiry", type=DAYS, default="7d", show_default=True, help="Maximum age of a message in a queue.")
@click.option(
    "--city",
    type=CITY_FOLDER,
    envvar="CONCORD_CITY",
    show_envvar=True,
    help="City folder, to validate areas and categories.  [default: that of the local run]",
)
@click.option("--update", is_flag=True, help="Change the grant of an existing subscriber; its secret stays.")
@common_options
def add(
    target: Target,
    name: str,
    types: tuple[str, ...],
    areas: tuple[str, ...],
    categories: tuple[str, ...],
    replay: timedelta,
    queues: tuple[str, ...],
    connections: int,
    length: int,
    expiry: timedelta,
    city: Path | None,
    update: bool,
    as_json: bool,
) -> None:
    """Add a subscriber called NAME that receives the granted events only.

    Its queues collect events from now on. The output contains the secret once, in commands that you can run. With
    --replay the subscriber also gets a stream of past events, sub.NAME.replay.

    Exit code: 0 on success, 1 if the broker failed, 2 for a usage error such as an existing name.

    \b
    Examples:
      concord subscriber add parks \\
        --types concern.routed.v1,concern.resolved.v1 \\
        --areas B2,B3 --categories graffiti --replay 30d
      concord subscriber add parks --update --types concern.routed.v1 --areas B2
      concord subscriber add open-data --types concern.received.v1 --json
    """
    limits = Limits(length, days=expiry.days, connections=connections)
    grant = Grant(name, types, areas, categories, queues, replay.days, limits)
    _check_codes(grant, city or target.city)
    subscribers = target.subscribers()
    current = subscribers.find(name)
    if current and not update:
        raise UsageError(f"Subscriber '{name}' already exists: change it with --update, see it with `show`.")
    if update and not current:
        raise UsageError(f"No subscriber '{name}' to change: omit --update to add it.")
    audit = target.audit()
    if current:
        _change(target, subscribers, current, grant, audit, as_json)
    else:
        _add(target, subscribers, grant, audit, as_json)


def _add(target: Target, subscribers: Subscribers, grant: Grant, audit: BrokerAudit, as_json: bool) -> None:
    now = utc_now()
    subscriber, secret = Subscriber(grant, now, now), secrets.token_urlsafe(24)
    subscribers.add(subscriber, secret)
    audit.record("subscriber.added", subject_of(grant.name), **sizes(grant))
    url = target.url_for(grant.name, secret, subscribers.listeners())
    if as_json:
        click.echo(json.dumps({**to_json(subscriber), "url": url}, indent=2))
    else:
        click.echo(to_text(subscriber), err=True)
        click.echo(instructions(grant, url, source_checkout()))
    fill_stream(target, subscribers, grant)


def _change(
    target: Target, subscribers: Subscribers, current: Subscriber, grant: Grant, audit: BrokerAudit, as_json: bool
) -> None:
    """Apply the grant. The subscriber may connect again once nothing beyond it waits in its queues."""
    subscriber = replace(current, grant=grant)
    narrower = not current.grant.within(grant)
    operator = target.operator(subscribers.listeners()) if narrower else None
    subscribers.change(subscriber)
    audit.record("subscriber.changed", subject_of(grant.name), **sizes(grant))
    if operator is not None:
        try:
            dropped = drop_taken_away(operator, grant)
        except SweepError as error:
            subscribers.keep(current)
            raise click.ClickException(str(error)) from error
        click.echo(f"{dropped:,} waiting events dropped, which the grant no longer includes.", err=True)
    subscribers.admit(subscriber)
    fill_stream(target, subscribers, grant, refill=current.grant.replay_days != grant.replay_days)
    echo(to_json(subscriber), to_text(subscriber), as_json=as_json)
    if arguments(grant) != arguments(current.grant):
        ends = f"{ENDS}\n" if narrower else ""
        click.echo(f"{ends}{CHANGE_PROGRAM}\n{arguments(grant)}", err=True)


def _check_codes(grant: Grant, folder: Path | None) -> None:
    if not grant.areas and not grant.categories:
        return
    if folder is None:
        raise UsageError("Set --city to the city folder, to validate areas and categories.")
    from concord_city import CityError, load

    try:
        city = load(folder)
    except CityError as error:
        raise UsageError(f"{folder} is not a usable city folder: run `concord city check {folder}`.") from error
    check_codes(grant, ["_", *city.areas], ["_", *city.categories])
