"""`concord subscriber` and its sub-commands."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from concord_bus.topology.grants import Grant
from concord_cli.common.errors import UsageError
from concord_cli.common.options import since_option
from concord_cli.common.terminal_text import echo, utc_now
from concord_cli.common.time_option import SINCE_HELP
from concord_cli.subscriber import output
from concord_cli.subscriber import usage as subscriber_usage
from concord_cli.subscriber.add import add
from concord_cli.subscriber.audit_entries import subject_of
from concord_cli.subscriber.backfill import Backfill, BackfillError, ProgressLine, copy_events
from concord_cli.subscriber.options import NAME, common_options, find_subscriber
from concord_cli.subscriber.target import Target

REPLAY_SHARE = 0.5
"""Share of a queue's length that a replay may fill; new events need the rest."""


@click.group()
def subscriber() -> None:
    """Manage subscribers: other city services that receive Concord's events.

    A subscriber has a broker login and its own queues. It receives the types, areas and categories of its grant.

    Exit code: 0 on success, 1 if something could not be done, 2 for a usage error.

    \b
    Examples:
      concord subscriber add parks --types concern.routed.v1 \\
                                   --areas B2,B3 --categories graffiti
      concord subscriber usage parks
      concord subscriber suspend parks
    """


subscriber.add_command(add)


@subscriber.command(name="list")
@common_options
def list_subscribers(target: Target, as_json: bool) -> None:
    """List the subscribers with their grants, without secrets.

    \b
    Examples:
      concord subscriber list
      concord subscriber list --json |
        jq '.[] | select(.state == "suspended").name'
    """
    rows = target.subscribers().all()
    echo([output.to_json(row) for row in rows], output.subscriber_table(rows), as_json=as_json)


@subscriber.command()
@NAME
@common_options
def show(target: Target, name: str, as_json: bool) -> None:
    """Show the grant, the queues and the limits of subscriber NAME.

    \b
    Example:
      concord subscriber show parks
    """
    found = find_subscriber(target.subscribers(), name)
    echo(output.to_json(found), output.to_text(found), as_json=as_json)


@subscriber.command()
@NAME
@common_options
def usage(target: Target, name: str, as_json: bool) -> None:
    """Show queues, message rates and connections of subscriber NAME.

    The broker counts every few seconds. "Last seen" is the current time for a connected subscriber. Otherwise it is
    the broker's last delivery within about 8 hours.

    \b
    Example:
      concord subscriber usage parks
    """
    subscribers = target.subscribers()
    found = find_subscriber(subscribers, name)
    connections = subscribers.connections(name)
    report = subscriber_usage.usage_of(found, subscribers.queues(found.grant), connections)
    report["last_seen"] = (
        utc_now()
        if connections
        else subscriber_usage.last_delivery(
            [sample for queue in found.grant.queue_names for sample in subscribers.handed_out(queue)]
        )
    )
    echo(report, subscriber_usage.to_text(report), as_json=as_json)


@subscriber.command()
@NAME
@click.option("--keep-connections", is_flag=True, help="Do not close open connections.")
@common_options
def rotate(target: Target, name: str, keep_connections: bool, as_json: bool) -> None:
    """Replace the secret of subscriber NAME and print the new one once.

    The old secret stops working immediately, and the broker closes the subscriber's connections.

    \b
    Examples:
      concord subscriber rotate parks
      concord subscriber rotate parks --keep-connections
    """
    subscribers = target.subscribers()
    secret = secrets.token_urlsafe(24)
    changed = replace(find_subscriber(subscribers, name), secret_since=utc_now())
    audit = target.audit()
    subscribers.give_secret(changed, secret)
    audit.record("subscriber.rotated", subject_of(name), connections_kept=keep_connections)
    subscribers.keep(changed)
    if not keep_connections:
        subscribers.disconnect(name)
    url = target.url_for(name, secret, subscribers.listeners())
    echo({**output.to_json(changed), "url": url}, f"export CONCORD_URL='{url}'", as_json=as_json)
    if not as_json:
        click.echo("Store the secret now: it is not shown again.", err=True)


@subscriber.command()
@NAME
@common_options
def suspend(target: Target, name: str, as_json: bool) -> None:
    """Close the connections of subscriber NAME and allow no new ones.

    Its queues still collect events, up to their limits.

    \b
    Example:
      concord subscriber suspend parks
    """
    _set_suspended(target, name, utc_now(), as_json)


@subscriber.command()
@NAME
@common_options
def resume(target: Target, name: str, as_json: bool) -> None:
    """Allow suspended subscriber NAME to connect again.

    Its secret stays the same.

    \b
    Example:
      concord subscriber resume parks
    """
    _set_suspended(target, name, None, as_json)


@subscriber.command()
@NAME
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
@common_options
def remove(target: Target, name: str, yes: bool, as_json: bool) -> None:
    """Remove subscriber NAME, its login, its queues and their messages.

    \b
    Example:
      concord subscriber remove parks --yes
    """
    subscribers = target.subscribers()
    grant = find_subscriber(subscribers, name).grant
    count = sum(int(queue.get("messages") or 0) for queue in subscribers.queues(grant))
    if not yes:
        click.confirm(f"Remove {name} and its queues with {count:,} messages?", abort=True, err=True)
    audit = target.audit()
    subscribers.remove(grant)
    audit.record("subscriber.removed", subject_of(name), messages=count)
    echo({"name": name, "state": "removed"}, f"{name} is removed.", as_json=as_json)


@subscriber.command()
@NAME
@since_option(SINCE_HELP, required=True)
@click.option("--queue", help="Queue of the subscriber to fill.  [default: the first]")
@common_options
def replay(target: Target, name: str, since: datetime, queue: str | None, as_json: bool) -> None:
    """Copy past events of subscriber NAME into its queue again, in order.

    The command reads the stream of all events with an administrator's login and copies the granted ones. It waits
    while the queue is half full, so keep the subscriber running. The client marks each copy as `replayed` and skips
    events that it has already handled. To receive them again, empty the client's store of event ids.

    Exit code: 0 on success, 1 if the copy is incomplete, 2 for a usage error. You can run it again safely.

    \b
    Examples:
      concord subscriber replay parks --since 7d
      concord subscriber replay parks --since 2026-11-22T18:20 --queue trial
    """
    grant = find_subscriber(target.subscribers(), name).grant
    _check_replay(grant, since, queue)
    destination = grant.prefix + (queue or grant.queues[0])
    audit = target.audit()
    backfill = Backfill(grant, destination, since, max(1, int(grant.limits.messages * REPLAY_SHARE)))
    try:
        copied = copy_events(target.operator(target.subscribers().listeners()), backfill, ProgressLine())
    except BackfillError as error:
        raise click.ClickException(str(error)) from error
    audit.record("subscriber.replayed", subject_of(name), queue=destination, copied=copied.copied)
    result: dict[str, Any] = {"name": name, "queue": destination, "read": copied.read, "copied": copied.copied}
    text = f"{copied.copied:,} events copied to {destination}, of {copied.read:,} in the stream since then."
    echo(result, text, as_json=as_json)


def _check_replay(grant: Grant, since: datetime, queue: str | None) -> None:
    name, days = grant.name, grant.replay_days
    if not days:
        raise UsageError(f"{name} has no replay grant: run concord subscriber add {name} --update --replay 30d …")
    if since < datetime.now(UTC) - timedelta(days=days, minutes=1):
        raise UsageError(f"--since: the replay grant of {name} covers {days} days.")
    if queue and queue not in grant.queues:
        raise UsageError(f"--queue: {name} has no queue '{queue}'; choose one of {', '.join(grant.queues)}.")


def _set_suspended(target: Target, name: str, since: str | None, as_json: bool) -> None:
    subscribers = target.subscribers()
    current = find_subscriber(subscribers, name)
    changed = replace(current, suspended=since and (current.suspended or since))
    audit = target.audit()
    subscribers.set_suspended(changed)
    audit.record("subscriber.suspended" if since else "subscriber.resumed", subject_of(name))
    echo(output.to_json(changed), f"{name} is {output.state(changed)}.", as_json=as_json)
