"""`concord subscriber`: its sub-commands together."""

import click

from concord_cli.subscriber.add import add
from concord_cli.subscriber.commands import remove, resume, rotate, suspend
from concord_cli.subscriber.looking import list_subscribers, show, usage
from concord_cli.subscriber.replaying import replay


@click.group()
def subscriber() -> None:
    """Look after the log-ins of other city services that follow Concord's events.

    Each sees the types, areas and categories it was granted, in queues of its own, and nothing else.

    Exit code: 0 when all was done, 1 when something could not be done, 2 for a wrong call.

    \b
    Examples:
      concord subscriber add parks --types concern.routed.v1 --areas B2,B3 --categories graffiti
      concord subscriber usage parks
      concord subscriber suspend parks
    """


for each in (add, list_subscribers, show, usage, rotate, suspend, resume, remove, replay):
    subscriber.add_command(each)
