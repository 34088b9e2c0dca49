"""`concord webhook add | rotate | disable | enable | remove | replay`."""

from datetime import datetime, timedelta

import click

from concord_cli.common.time_option import Moment
from concord_cli.token.options import LIFE
from concord_cli.webhook.api_client import Api
from concord_cli.webhook.options import ENDPOINT, JSON, listed, service
from concord_cli.webhook.output import say, state_of


@click.command()
@click.argument("name")
@click.option("--url", required=True, metavar="URL", help="Where events go: https://host/path.")
@click.option("--types", required=True, metavar="TYPE,…", help="What it may see, such as concern.routed.v1.")
@click.option("--areas", metavar="AREA,…", help="Of which areas.  [default: every one]")
@click.option("--categories", metavar="CATEGORY,…", help="Of which categories.  [default: every one]")
@click.option("--contact", metavar="ADDRESS", help="Whom to write to when it is disabled because it failed.")
@JSON
@service
def add(
    api: Api,
    name: str,
    url: str,
    types: str,
    areas: str | None,
    categories: str | None,
    contact: str | None,
    as_json: bool,
) -> None:
    """Add an endpoint called NAME and show its secret, once: the receiver checks signatures with it.

    The secret alone goes to standard output.

    \b
    Example:
      concord webhook add parks --url https://hooks.example.org/concord \\
              --types concern.routed.v1,concern.resolved.v1 --areas B2,B3 --categories graffiti
    """
    wish = {"name": name, "url": url, "types": listed(types), "areas": listed(areas)}
    made = api.call("POST", body=wish | {"categories": listed(categories), "contact": contact})
    say(made, as_json, [made["secret"]])
    if not as_json:
        click.echo(f"Endpoint {name} ({made['id']}) gets what comes from now on.", err=True)
        click.echo("Keep the secret now: it is not shown again.", err=True)


@click.command()
@ENDPOINT
@click.option("--overlap", type=LIFE, default="24h", show_default=True, help="How long the former secret signs along.")
@click.option("--now", "at_once", is_flag=True, help="The former secret ends at once: it got out.")
@JSON
@service
def rotate(api: Api, endpoint: str, overlap: timedelta, at_once: bool, as_json: bool) -> None:
    """Give ENDPOINT (id or name) a new secret and show it, once.

    Until the overlap is over everything bears two signatures, so that the receiver changes over without a gap.

    \b
    Examples:
      concord webhook rotate parks --overlap 3d
      concord webhook rotate parks --now
    """
    seconds = 0 if at_once else int(overlap.total_seconds())
    made = api.call("POST", endpoint, "rotate", body={"overlap_seconds": seconds})
    say(made, as_json, [made["secret"]])
    if not as_json:
        click.echo(f"The former secret signs along until {made['former_until']}.", err=True)


@click.command()
@ENDPOINT
@JSON
@service
def disable(api: Api, endpoint: str, as_json: bool) -> None:
    """Send ENDPOINT (id or name) nothing any more. What is due and what comes can be replayed later.

    \b
    Example:
      concord webhook disable parks
    """
    changed = api.call("POST", endpoint, "disable")
    say(changed, as_json, [f"{changed['name']} is {state_of(changed)}."])


@click.command()
@ENDPOINT
@JSON
@service
def enable(api: Api, endpoint: str, as_json: bool) -> None:
    """Send ENDPOINT (id or name) again what comes from now on. For what it missed: concord webhook replay.

    \b
    Example:
      concord webhook enable parks && concord webhook replay parks --since 7d
    """
    changed = api.call("POST", endpoint, "enable")
    say(changed, as_json, [f"{changed['name']} is {state_of(changed)}."])


@click.command()
@ENDPOINT
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@service
def remove(api: Api, endpoint: str, yes: bool, as_json: bool) -> None:
    """Remove ENDPOINT (id or name) with its secret and all its deliveries.

    \b
    Example:
      concord webhook remove parks --yes
    """
    if not yes:
        click.confirm(f"Remove {endpoint} and all its deliveries?", abort=True, err=True)
    api.call("DELETE", endpoint)
    say({"removed": endpoint}, as_json, [f"Removed {endpoint}."])


@click.command()
@ENDPOINT
@click.argument("events", metavar="[EVENT]...", nargs=-1)
@click.option("--since", type=Moment(), help="All that failed of what was queued since: 2h, 7d, 2026-11-22T18:20.")
@click.option("--delivered-too", is_flag=True, help="With --since: also what arrived, for a receiver that lost data.")
@JSON
@service
def replay(
    api: Api, endpoint: str, events: tuple[str, ...], since: datetime | None, delivered_too: bool, as_json: bool
) -> None:
    """Send events to ENDPOINT (id or name) again: those named by their ids, or all that failed --since.

    Each keeps its webhook-id, so that a receiver that had it already knows it, and gets ten attempts anew.

    \b
    Examples:
      concord webhook replay parks 019322aa4c1e7d1a8f00c0ffee000001
      concord webhook replay parks --since 7d
    """
    if bool(events) == bool(since) or (delivered_too and not since):
        raise click.UsageError("Name the events to replay, or give --since.")
    if since:
        body = {"since": since.isoformat(), "delivered_too": delivered_too}
        count = api.call("POST", endpoint, "replay", body=body)["replayed"]
    else:
        count = sum(api.call("POST", endpoint, "replay", body={"event_id": each})["replayed"] for each in events)
    say({"replayed": count}, as_json, [f"{count:,} {'event is' if count == 1 else 'events are'} sent again."])
