"""A subscriber's own log of the past: made, filled from the log of all events, and bound to go on."""

import click

from concord_bus.topology import Grant, Subscribers
from concord_cli.subscriber.backfill import CopyFailed, Past, copy, since_days
from concord_cli.subscriber.progress import ProgressLine
from concord_cli.subscriber.target import Place


def fill_stream(place: Place, subscribers: Subscribers, grant: Grant, *, anew: bool = False) -> None:
    """Nothing when no replay is granted, or, unless `anew`, the log is there with just what is granted.

    It is filled before it is bound, so that the past comes first, and once more for what came meanwhile. Raises
    ClickException when it breaks off: it is not bound then, and the next try begins anew.
    """
    if not grant.replay_days or (not anew and subscribers.has_stream(grant)):
        return
    subscribers.make_stream(grant)
    operator = place.operator(subscribers.listeners())
    past = Past(grant, grant.replay_stream, since_days(grant.replay_days))
    try:
        before = copy(operator, past, ProgressLine())
        subscribers.bind_stream(grant)
        after = copy(operator, past, ProgressLine(), before.next if before.read else None)
    except CopyFailed as error:
        remedy = f"Then: concord subscriber add {grant.name} --update …"
        raise click.ClickException(f"{error} {grant.replay_stream} is not ready. {remedy}") from error
    click.echo(f"{grant.replay_stream} holds {before.copied + after.copied:,} events of the past.", err=True)
