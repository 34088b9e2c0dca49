"""`concord webhook` and its sub-commands."""

from datetime import datetime, timedelta

import click

from concord_cli.common.options import since_option
from concord_cli.common.terminal_text import echo
from concord_cli.common.time_option import DURATION
from concord_cli.webhook.api_client import Api
from concord_cli.webhook.options import ENDPOINT, code_list, common_options
from concord_cli.webhook.output import delivery_table, endpoint_table, endpoint_text, state_of

STATES = ("failed", "due", "delivered")


@click.group()
def webhook() -> None:
    """Manage webhooks: events by signed HTTPS request (Standard Webhooks).

    Webhooks are for receivers without AMQP. ENDPOINT is an id or a name.

    Exit code: 0 on success, 1 if something could not be done, 2 for a usage error.

    \b
    Examples:
      concord webhook add parks --url https://hooks.example.org/concord \\
                                --types concern.routed.v1
      concord webhook failures parks
      concord webhook replay parks --since 7d
    """


@webhook.command()
@click.argument("name")
@click.option("--url", required=True, metavar="URL", help="URL that receives the events: https://host/path.")
@click.option("--types", required=True, metavar="TYPE,…", help="Event types to send, such as concern.routed.v1.")
@click.option("--areas", metavar="AREA,…", help="Send only events of these areas.  [default: all]")
@click.option("--categories", metavar="CATEGORY,…", help="Send only events of these categories.  [default: all]")
@click.option("--contact", metavar="ADDRESS", help="Mail address to notify if failures disable the endpoint.")
@common_options
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
    """Add an endpoint called NAME and print its secret once.

    The receiver needs the secret to verify signatures. Standard output contains only the secret.

    \b
    Example:
      concord webhook add parks --url https://hooks.example.org/concord \\
              --types concern.routed.v1,concern.resolved.v1 \\
              --areas B2,B3 --categories graffiti
    """
    grant = {"types": code_list(types), "areas": code_list(areas), "categories": code_list(categories)}
    endpoint = api.call("POST", body={"name": name, "url": url, "contact": contact} | grant)
    echo(endpoint, endpoint["secret"], as_json=as_json)
    if not as_json:
        click.echo(f"Endpoint {name} ({endpoint['id']}) receives matching events from now on.", err=True)
        click.echo("Store the secret now: it is not shown again.", err=True)


@webhook.command(name="list")
@common_options
def list_endpoints(api: Api, as_json: bool) -> None:
    """List all endpoints with their state.

    \b
    Examples:
      concord webhook list
      concord webhook list --json |
        jq '.endpoints[] | select(.state == "disabled")'
    """
    answer = api.call("GET")
    echo(answer, endpoint_table(answer["endpoints"]), as_json=as_json)


@webhook.command()
@ENDPOINT
@common_options
def show(api: Api, endpoint: str, as_json: bool) -> None:
    """Show the grant and the state of ENDPOINT, without its secret.

    \b
    Example:
      concord webhook show parks
    """
    answer = api.call("GET", endpoint)
    echo(answer, endpoint_text(answer), as_json=as_json)


@webhook.command()
@ENDPOINT
@click.option("--overlap", type=DURATION, default="24h", show_default=True, help="Time during which both secrets sign.")
@click.option("--now", "at_once", is_flag=True, help="Revoke the old secret immediately (use if it leaked).")
@common_options
def rotate(api: Api, endpoint: str, overlap: timedelta, at_once: bool, as_json: bool) -> None:
    """Replace the secret of ENDPOINT and print the new one once.

    During the overlap each request carries two signatures, so the receiver can change its secret without a gap.

    \b
    Examples:
      concord webhook rotate parks --overlap 3d
      concord webhook rotate parks --now
    """
    seconds = 0 if at_once else int(overlap.total_seconds())
    answer = api.call("POST", endpoint, "rotate", body={"overlap_seconds": seconds})
    echo(answer, answer["secret"], as_json=as_json)
    if not as_json:
        end = f"also signs until {answer['former_until']}" if seconds else "signs no more"
        click.echo(f"The old secret {end}.", err=True)


@webhook.command()
@ENDPOINT
@common_options
def disable(api: Api, endpoint: str, as_json: bool) -> None:
    """Stop sending to ENDPOINT; you can replay the missed events later.

    \b
    Example:
      concord webhook disable parks
    """
    _set_state(api, endpoint, "disable", as_json)


@webhook.command()
@ENDPOINT
@common_options
def enable(api: Api, endpoint: str, as_json: bool) -> None:
    """Resume sending new events to ENDPOINT.

    For the missed events, run `concord webhook replay` afterwards.

    \b
    Example:
      concord webhook enable parks
      concord webhook replay parks --since 7d
    """
    _set_state(api, endpoint, "enable", as_json)


@webhook.command()
@ENDPOINT
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
@common_options
def remove(api: Api, endpoint: str, yes: bool, as_json: bool) -> None:
    """Remove ENDPOINT with its secret and all its deliveries.

    \b
    Example:
      concord webhook remove parks --yes
    """
    if not yes:
        click.confirm(f"Remove {endpoint} and all its deliveries?", abort=True, err=True)
    api.call("DELETE", endpoint)
    echo({"removed": endpoint}, f"Removed {endpoint}.", as_json=as_json)


@webhook.command()
@ENDPOINT
@click.option(
    "--state", type=click.Choice(STATES), default="failed", show_default=True, help="List deliveries in this state."
)
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Events per page.")
@click.option("--after", metavar="CURSOR", help="Continue after an earlier page.")
@common_options
def failures(api: Api, endpoint: str, state: str, limit: int, after: str | None, as_json: bool) -> None:
    """List failed deliveries to ENDPOINT, latest first.

    The reason is `exhausted` after ten failed attempts, and `gone` after a response with status 410. It is `disabled`
    if the endpoint was disabled before the next attempt.

    \b
    Examples:
      concord webhook failures parks
      concord webhook failures parks --state due
    """
    page = api.call("GET", endpoint, "deliveries", state=state, limit=limit, cursor=after)
    echo(page, delivery_table(page), as_json=as_json)


@webhook.command()
@ENDPOINT
@click.argument("events", metavar="[EVENT]...", nargs=-1)
@since_option("Replay all failed events queued since then: 2h or 7d ago, or 2026-11-22T18:20.")
@click.option("--delivered-too", is_flag=True, help="With --since: also replay delivered events.")
@common_options
def replay(
    api: Api, endpoint: str, events: tuple[str, ...], since: datetime | None, delivered_too: bool, as_json: bool
) -> None:
    """Send failed or chosen events to ENDPOINT again.

    Give the ids of the events, or --since for all that failed since then. Each event keeps its webhook-id, so that a
    receiver can recognise a duplicate. It gets ten new attempts.

    \b
    Examples:
      concord webhook replay parks 019322aa4c1e7d1a8f00c0ffee000001
      concord webhook replay parks --since 7d
    """
    if bool(events) == bool(since) or (delivered_too and not since):
        raise click.UsageError("Give the ids of the events to replay, or --since.")
    bodies = (
        [{"since": since.isoformat(), "delivered_too": delivered_too}]
        if since
        else [{"event_id": event} for event in events]
    )
    count = sum(api.call("POST", endpoint, "replay", body=body)["replayed"] for body in bodies)
    text = f"{count:,} {'event is' if count == 1 else 'events are'} sent again."
    echo({"replayed": count}, text, as_json=as_json)


def _set_state(api: Api, endpoint: str, action: str, as_json: bool) -> None:
    answer = api.call("POST", endpoint, action)
    echo(answer, f"{answer['name']} is {state_of(answer)}.", as_json=as_json)
