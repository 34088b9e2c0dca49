"""`concord webhook list | show | failures`."""

import click

from concord_cli.webhook.api_client import Api
from concord_cli.webhook.options import ENDPOINT, JSON, service
from concord_cli.webhook.output import delivery_table, say, table, whole

STATES = ("failed", "due", "delivered")


@click.command(name="list")
@JSON
@service
def list_endpoints(api: Api, as_json: bool) -> None:
    """List all endpoints and how they fare.

    \b
    Examples:
      concord webhook list
      concord webhook list --json | jq '.endpoints[] | select(.state == "disabled")'
    """
    found = api.call("GET")
    say(found, as_json, table(found["endpoints"]))


@click.command()
@ENDPOINT
@JSON
@service
def show(api: Api, endpoint: str, as_json: bool) -> None:
    """Show ENDPOINT (id or name): what it is granted and how it fares; never its secret.

    \b
    Example:
      concord webhook show parks
    """
    found = api.call("GET", endpoint)
    say(found, as_json, whole(found))


@click.command()
@ENDPOINT
@click.option("--state", type=click.Choice(STATES), default="failed", show_default=True, help="Others than failures.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Events on a page.")
@click.option("--after", metavar="CURSOR", help="Go on after an earlier page.")
@JSON
@service
def failures(api: Api, endpoint: str, state: str, limit: int, after: str | None, as_json: bool) -> None:
    """List the events that ENDPOINT (id or name) did not get, the latest first, and why.

    Reasons: exhausted (ten attempts failed), gone (it answered 410), disabled (not attempted).

    \b
    Examples:
      concord webhook failures parks
      concord webhook failures parks --state due
    """
    page = api.call("GET", endpoint, "deliveries", state=state, limit=limit, cursor=after)
    say(page, as_json, delivery_table(page))
