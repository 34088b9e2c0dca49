"""`concord subscriber rotate`, `suspend`, `resume` and `remove`."""

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime

import click

from concord_cli.subscriber.options import JSON, NAME, existing, where
from concord_cli.subscriber.output import described, state
from concord_cli.subscriber.target import Place


@click.command()
@NAME
@click.option("--keep-connections", is_flag=True, help="Let open connections go on until they end by themselves.")
@JSON
@where
def rotate(place: Place, name: str, keep_connections: bool, as_json: bool) -> None:
    """Give subscriber NAME a new secret, shown once. The old one fails from now on, its connections are ended.

    \b
    Examples:
      concord subscriber rotate parks
      concord subscriber rotate parks --keep-connections     planned: the service is restarted later
    """
    subscribers = place.subscribers()
    secret = secrets.token_urlsafe(24)
    subscriber = replace(existing(subscribers, name), secret_since=_now())
    subscribers.give_secret(subscriber, secret)
    subscribers.keep(subscriber)
    if not keep_connections:
        subscribers.disconnect(name)
    url = place.url_for(name, secret, subscribers.listeners())
    if as_json:
        click.echo(json.dumps({**described(subscriber), "url": url}, indent=2))
        return
    click.echo(f"export CONCORD_URL='{url}'")
    click.echo("Keep it now: it is not shown again.", err=True)


@click.command()
@NAME
@JSON
@where
def suspend(place: Place, name: str, as_json: bool) -> None:
    """End the connections of subscriber NAME and let it open none. Its queues go on collecting within their limits.

    \b
    Example:
      concord subscriber suspend parks
    """
    _suspend(place, name, _now(), as_json)


@click.command()
@NAME
@JSON
@where
def resume(place: Place, name: str, as_json: bool) -> None:
    """Let a suspended subscriber NAME connect again, with the secret it has.

    \b
    Example:
      concord subscriber resume parks
    """
    _suspend(place, name, None, as_json)


@click.command()
@NAME
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@where
def remove(place: Place, name: str, yes: bool, as_json: bool) -> None:
    """Remove subscriber NAME: its login, and its queues with all that waits in them.

    \b
    Example:
      concord subscriber remove parks --yes
    """
    subscribers = place.subscribers()
    subscriber = existing(subscribers, name)
    waiting = sum(int(each.get("messages") or 0) for each in subscribers.queues(subscriber.grant))
    if not yes:
        click.confirm(f"Remove {name} and its queues, in which {waiting:,} messages wait?", abort=True, err=True)
    subscribers.remove(subscriber.grant)
    click.echo(json.dumps({"name": name, "state": "removed"}) if as_json else f"{name} is removed.")


def _suspend(place: Place, name: str, since: str | None, as_json: bool) -> None:
    subscribers = place.subscribers()
    found = existing(subscribers, name)
    subscriber = replace(found, suspended=since and (found.suspended or since))
    subscribers.keep(subscriber)
    subscribers.limit(subscriber)
    if since:
        subscribers.disconnect(name)
    click.echo(json.dumps(described(subscriber), indent=2) if as_json else f"{name} is {state(subscriber)}.")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
