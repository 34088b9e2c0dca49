"""`concord subscriber replay`: the past once more, into the subscriber's own queue."""

import json
from datetime import UTC, datetime, timedelta

import click

from concord_cli.common.errors import UsageError
from concord_cli.common.time_option import Moment
from concord_cli.subscriber.backfill import CopyFailed, Past, copy
from concord_cli.subscriber.options import JSON, NAME, existing, where
from concord_cli.subscriber.progress import ProgressLine
from concord_cli.subscriber.target import Place

ROOM = 0.5
"""The part of a queue's length that copies may fill: live events need the rest."""


@click.command()
@NAME
@click.option("--since", type=Moment(), required=True, help="From: 30m, 2h, 7d ago or 2026-11-22T18:20.")
@click.option("--queue", help="Into this one of its queues.  [default: the first]")
@JSON
@where
def replay(place: Place, name: str, since: datetime, queue: str | None, as_json: bool) -> None:
    """Put the events granted to subscriber NAME since a time into its queue once more, in order.

    They are read here from the log of all events, with an administrator's login, and filtered by the grant. The client
    says `replayed` of each, and does not hand out again what it knows to be handled: start it anew, or empty its own
    store of ids, to have everything anew. It waits while the queue is half full, so let the subscriber run.

    Exit code: 0 done, 1 it broke off, 2 a wrong call. Running it again is safe.

    \b
    Examples:
      concord subscriber replay parks --since 7d
      concord subscriber replay parks --since 2026-11-22T18:20 --queue trial
    """
    subscriber = existing(place.subscribers(), name)
    grant = subscriber.grant
    if not grant.replay_days:
        raise UsageError(f"{name} was granted no replay: concord subscriber add {name} --update --replay 30d …")
    if since < datetime.now(UTC) - timedelta(days=grant.replay_days, minutes=1):
        raise UsageError(f"--since: {name} was granted {grant.replay_days} days of the past.")
    if queue and queue not in grant.queues:
        raise UsageError(f"--queue: {name} has no queue '{queue}', only {', '.join(grant.queues)}.")
    into = grant.prefix + (queue or grant.queues[0])
    past = Past(grant, into, since, max(1, int(grant.limits.messages * ROOM)))
    try:
        done = copy(place.operator(place.subscribers().listeners()), past, ProgressLine())
    except CopyFailed as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"name": name, "queue": into, "read": done.read, "copied": done.copied}, indent=2))
    else:
        click.echo(f"{done.copied:,} events copied to {into}, of {done.read:,} in the log since then.")
