"""`concord parked replay` and `concord parked drop`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from concord_bus.domain.parked_messages import ParkedFilter
from concord_bus.ports import Parking
from concord_cli.common.service_database import Store
from concord_cli.parked import actions
from concord_cli.parked.actions import Operator, Outcome
from concord_cli.parked.options import ID, JSON, SERVICE, Opened, now, wanted_of, where, which


@click.command()
@SERVICE
@click.argument("ids", metavar="[ID]...", type=ID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that are parked, or that --type, --reason, --since name.")
@which
@click.option("--force", is_flag=True, help="Also those of which it is known that they cannot be read.")
@click.option("--why", default="", metavar="TEXT", help="Kept with the note of who replayed it.")
@click.option("--yes", is_flag=True, help="Do not ask before --all.")
@JSON
@where
@click.pass_context
def replay(
    context: click.Context,
    service: str,
    ids: tuple[int, ...],
    everything: bool,
    kind: str | None,
    reason: str | None,
    since: datetime | None,
    force: bool,
    why: str,
    yes: bool,
    as_json: bool,
    database: str | None,
    home: Path,
) -> None:
    """Hand parked messages back to SERVICE, which tries them again at once (or when it starts).

    What took effect before has no second effect. What fails again is parked again, under a new ID.

    \b
    Examples:
      concord parked replay routing 17 18 --why 'areas corrected'
      concord parked replay routing --all --reason 'not handled' --yes
    """
    wanted = wanted_of(kind, reason, since)
    if everything == bool(ids):
        raise click.UsageError("Name the IDs to replay, or give --all.")
    if not everything and wanted != ParkedFilter():
        raise click.UsageError("--type, --reason and --since go with --all.")
    operator = Operator(actions.os_user(), why, now())
    with Opened(service, database, home) as store:
        chosen = actions.all_ids(store, wanted) if everything else list(dict.fromkeys(ids))
        if everything and chosen and not yes:
            click.confirm(f"Replay {_messages(len(chosen))} of {service}?", abort=True, err=True)
        outcomes = _carry_out(store, chosen, lambda tx, each: actions.replay_one(tx, each, operator, force), operator)
    _tell(context, service, outcomes, as_json)


@click.command()
@SERVICE
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
@click.option("--why", required=True, metavar="TEXT", help="Kept with the note of who dropped it.")
@JSON
@where
@click.pass_context
def drop(
    context: click.Context,
    service: str,
    ids: tuple[int, ...],
    why: str,
    as_json: bool,
    database: str | None,
    home: Path,
) -> None:
    """Take parked messages of SERVICE off the list for good.

    They can be shown until the service deletes them: CONCORD_PARKED_RETENTION_DAYS later, 30 unless set.

    \b
    Example:
      concord parked drop routing 17 --why 'sent by a load test'
    """
    if not why.strip():
        raise click.UsageError("--why must say why.")
    operator = Operator(actions.os_user(), why, now())
    with Opened(service, database, home) as store:
        chosen = list(dict.fromkeys(ids))
        outcomes = _carry_out(store, chosen, lambda tx, each: actions.drop_one(tx, each, operator), operator)
    _tell(context, service, outcomes, as_json)


def _carry_out(
    store: Store, ids: Sequence[int], act: Callable[[Parking, int], Outcome], operator: Operator
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for chunk in actions.each_of(store, ids, act, operator):
        outcomes.extend(chunk)
        if len(ids) > actions.CHUNK:
            click.echo(f"{len(outcomes):,} of {len(ids):,}", err=True)
    return outcomes


def _tell(context: click.Context, service: str, outcomes: Sequence[Outcome], as_json: bool) -> None:
    """Exit code 1 when something was refused."""
    if as_json:
        answer: dict[str, Any] = {"service": service, "messages": [asdict(each) for each in outcomes]}
        click.echo(json.dumps(answer, indent=2))
    else:
        for each in outcomes:
            click.echo(f"{each.id}: {each.result}" + (f": {each.why}" if each.why else ""), err=not each.done)
        click.echo(f"{sum(each.done for each in outcomes):,} of {_messages(len(outcomes))} done.")
    context.exit(0 if all(each.done for each in outcomes) else 1)


def _messages(count: int) -> str:
    return f"{count:,} parked message" + ("" if count == 1 else "s")
