"""`concord subscriber list`, `show` and `usage`."""

import json
from datetime import UTC, datetime

import click

from concord_cli.subscriber import output
from concord_cli.subscriber import usage as subscriber_usage
from concord_cli.subscriber.options import JSON, NAME, existing, where
from concord_cli.subscriber.target import Place


@click.command(name="list")
@JSON
@where
def list_subscribers(place: Place, as_json: bool) -> None:
    """List the subscribers with what each was granted; never a secret.

    \b
    Examples:
      concord subscriber list
      concord subscriber list --json | jq '.[] | select(.state == "suspended").name'
    """
    found = place.subscribers().all()
    click.echo(json.dumps([output.described(each) for each in found], indent=2) if as_json else output.as_table(found))


@click.command()
@NAME
@JSON
@where
def show(place: Place, name: str, as_json: bool) -> None:
    """Show what subscriber NAME was granted, its queues and its limits.

    \b
    Example:
      concord subscriber show parks
    """
    found = existing(place.subscribers(), name)
    click.echo(json.dumps(output.described(found), indent=2) if as_json else output.as_lines(found))


@click.command()
@NAME
@JSON
@where
def usage(place: Place, name: str, as_json: bool) -> None:
    """Show what waits in the queues of subscriber NAME, how fast they move, and who is connected.

    The broker counts every few seconds. Last seen is now while it is connected, else when the broker last handed it a
    message, if that was within about the last 8 hours.

    \b
    Example:
      concord subscriber usage parks
    """
    subscribers = place.subscribers()
    subscriber = existing(subscribers, name)
    connections = subscribers.connections(name)
    found = subscriber_usage.usage_of(subscriber, subscribers.queues(subscriber.grant), connections)
    if connections:
        found["last_seen"] = datetime.now(UTC).isoformat(timespec="seconds")
    else:
        found["last_seen"] = subscriber_usage.last_handed_out(
            [each for queue in subscriber.grant.queue_names for each in subscribers.handed_out(queue)]
        )
    click.echo(json.dumps(found, indent=2) if as_json else subscriber_usage.as_lines(found))
