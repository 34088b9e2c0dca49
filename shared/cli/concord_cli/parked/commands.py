"""`concord parked` and its sub-commands."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from concord_bus.domain.parked_messages import ParkedFilter, subject_of
from concord_bus.ports import Parking
from concord_cli.common.service_database import Store
from concord_cli.common.terminal_text import counted
from concord_cli.parked import actions, output
from concord_cli.parked.actions import Operator, Outcome
from concord_cli.parked.options import ID, SERVICE, ServiceDatabase, common_options, filter_options, now


@click.group()
def parked() -> None:
    """Manage parked messages, which a service could not process.

    SERVICE is intake, routing, notification or metrics. It may be running.

    Exit code: 0 on success, 1 if something could not be done, 2 for a usage error.

    \b
    Examples:
      concord parked list routing
      concord parked show routing 17
      concord parked replay routing 17 18
    """


@parked.command(name="list")
@SERVICE
@filter_options
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Messages per page.")
@click.option("--after", type=ID, metavar="ID", help="Continue after the page that ended with ID.")
@common_options
def list_parked(target: ServiceDatabase, wanted: ParkedFilter, limit: int, after: int | None, as_json: bool) -> None:
    """List the parked messages of SERVICE, newest first.

    A type in brackets comes from the routing key, because the message itself is unreadable.

    \b
    Examples:
      concord parked list routing
      concord parked list metrics --type 'concern.*' --since 2h --reason schema
      concord parked list intake --limit 500 --json
    """
    with target.open() as store:
        rows = store.read(lambda tx: tx.find_parked(wanted, limit + 1, after))
    page, more = rows[:limit], len(rows) > limit
    click.echo(output.page_json(target.service, page, more) if as_json else output.page_table(page, more))


@parked.command()
@SERVICE
@click.argument("parked_id", metavar="ID", type=ID)
@click.option("--raw", type=click.Path(dir_okay=False, path_type=Path), help="Write the body, byte for byte, to FILE.")
@common_options
def show(target: ServiceDatabase, parked_id: int, raw: Path | None, as_json: bool) -> None:
    """Show a parked message of SERVICE: reason, headers, history and body.

    Encrypted data stay encrypted.

    \b
    Examples:
      concord parked show routing 17
      concord parked show routing 17 --raw body.json
    """
    with target.open() as store:
        row = store.read(lambda tx: tx.parked_message(parked_id))
        history = store.read(lambda tx: tx.actions_on(subject_of(parked_id)))
    if row is None:
        raise click.ClickException(output.missing(target.service, parked_id, history))
    if raw:
        output.write_raw(row, raw)
    view = output.message_json if as_json else output.message_text
    click.echo(view(target.service, row, history, actions.obstacle(row, now())))


@parked.command()
@SERVICE
@click.argument("ids", metavar="[ID]...", type=ID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Replay all messages that match --type, --reason and --since.")
@filter_options
@click.option("--force", is_flag=True, help="Replay even if the message is unreadable or could take effect twice.")
@click.option("--why", default="", metavar="TEXT", help="Reason, stored in the history of each message.")
@click.option("--yes", is_flag=True, help="Skip the confirmation of --all.")
@common_options
@click.pass_context
def replay(
    context: click.Context,
    target: ServiceDatabase,
    ids: tuple[int, ...],
    everything: bool,
    wanted: ParkedFilter,
    force: bool,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Return parked messages to SERVICE, which processes them again.

    SERVICE begins at once, or when it starts. A message that already took effect has no second effect. A message that
    fails again gets a new ID.

    \b
    Examples:
      concord parked replay routing 17 18 --why 'areas corrected'
      concord parked replay routing --all --reason 'not handled' --yes
    """
    if everything == bool(ids):
        raise click.UsageError("Give the IDs to replay, or --all.")
    if not everything and wanted != ParkedFilter():
        raise click.UsageError("--type, --reason and --since need --all.")
    operator = Operator(actions.os_user(), why, now())
    with target.open() as store:
        chosen = actions.all_ids(store, wanted) if everything else list(dict.fromkeys(ids))
        if everything and chosen and not yes:
            click.confirm(f"Replay {counted(len(chosen), 'parked message')} of {target.service}?", abort=True, err=True)
        outcomes = _apply(store, chosen, lambda tx, number: actions.replay_one(tx, number, operator, force), operator)
    _report(context, target.service, outcomes, as_json)


@parked.command()
@SERVICE
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
@click.option("--why", required=True, metavar="TEXT", help="Reason, stored in the history of each message.")
@common_options
@click.pass_context
def drop(context: click.Context, target: ServiceDatabase, ids: tuple[int, ...], why: str, as_json: bool) -> None:
    """Remove parked messages of SERVICE from the list for good.

    `concord parked show` still shows them until the service deletes them, CONCORD_PARKED_RETENTION_DAYS later
    (default: 30).

    \b
    Example:
      concord parked drop routing 17 --why 'sent by a load test'
    """
    if not why.strip():
        raise click.UsageError("--why must not be empty.")
    operator = Operator(actions.os_user(), why, now())
    with target.open() as store:
        chosen = list(dict.fromkeys(ids))
        outcomes = _apply(store, chosen, lambda tx, number: actions.drop_one(tx, number, operator), operator)
    _report(context, target.service, outcomes, as_json)


def _apply(
    store: Store, ids: Sequence[int], action: Callable[[Parking, int], Outcome], operator: Operator
) -> list[Outcome]:
    """Apply the action to each message; print the progress of a long run."""
    outcomes: list[Outcome] = []
    for chunk in actions.apply_in_chunks(store, ids, action, operator):
        outcomes.extend(chunk)
        if len(ids) > actions.CHUNK:
            click.echo(f"{len(outcomes):,} of {len(ids):,}", err=True)
    return outcomes


def _report(context: click.Context, service: str, outcomes: Sequence[Outcome], as_json: bool) -> None:
    """Print the outcomes. Ends with exit code 1 if there is a refusal."""
    if as_json:
        messages = [asdict(outcome) for outcome in outcomes]
        click.echo(json.dumps({"service": service, "messages": messages}, indent=2))
    else:
        for outcome in outcomes:
            reason = f": {outcome.why}" if outcome.why else ""
            click.echo(f"{outcome.id}: {outcome.result}{reason}", err=not outcome.done)
        done = sum(outcome.done for outcome in outcomes)
        click.echo(f"{done:,} of {counted(len(outcomes), 'parked message')} done.")
    context.exit(0 if all(outcome.done for outcome in outcomes) else 1)
