"""`concord parked list` and `concord parked show`."""

from datetime import datetime
from pathlib import Path

import click

from concord_bus.domain.parked_messages import subject_of
from concord_cli.parked import actions as parked_actions
from concord_cli.parked import listing, output
from concord_cli.parked.options import ID, JSON, SERVICE, Opened, now, wanted_of, where, which


@click.command(name="list")
@SERVICE
@which
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Messages on a page.")
@click.option("--after", type=ID, metavar="ID", help="Go on after the page that ended with ID.")
@JSON
@where
def list_parked(
    service: str,
    kind: str | None,
    reason: str | None,
    since: datetime | None,
    limit: int,
    after: int | None,
    as_json: bool,
    database: str | None,
    home: Path,
) -> None:
    """List the parked messages of SERVICE, newest first.

    A type in brackets is what the routing key says: the message itself could not be read.

    \b
    Examples:
      concord parked list routing
      concord parked list metrics --type 'concern.*' --since 2h --reason schema
      concord parked list intake --limit 500 --json
    """
    wanted = wanted_of(kind, reason, since)
    with Opened(service, database, home) as store:
        rows = store.read(lambda tx: tx.find_parked(wanted, limit + 1, after))
    page, more = rows[:limit], len(rows) > limit
    click.echo(listing.as_json(service, page, more) if as_json else listing.as_table(page, more))


@click.command()
@SERVICE
@click.argument("parked_id", metavar="ID", type=ID)
@click.option("--raw", type=click.Path(dir_okay=False, path_type=Path), help="Write the body, byte for byte, to FILE.")
@JSON
@where
def show(service: str, parked_id: int, raw: Path | None, as_json: bool, database: str | None, home: Path) -> None:
    """Show one parked message of SERVICE: why it is here, what came with it, what was done with it.

    Data sealed for a service stay sealed.

    \b
    Examples:
      concord parked show routing 17
      concord parked show routing 17 --raw body.json
    """
    with Opened(service, database, home) as store:
        row = store.read(lambda tx: tx.parked_message(parked_id))
        actions = store.read(lambda tx: tx.actions_on(subject_of(parked_id)))
    if row is None:
        raise click.ClickException(output.missing(service, parked_id, actions))
    if raw:
        output.write_raw(row, raw)
    view = output.as_json if as_json else output.as_lines
    click.echo(view(service, row, actions, parked_actions.obstacle(row, now())))
