"""`concord parked`: its sub-commands together."""

import click

from concord_cli.parked.commands import drop, replay
from concord_cli.parked.looking import list_parked, show


@click.group()
def parked() -> None:
    """Look after parked messages: those that a service could not handle and keeps for a person.

    SERVICE is intake, routing, notification or metrics; it may be running meanwhile.

    Exit code: 0 when all was done, 1 when something could not be done, 2 for a wrong call.

    \b
    Examples:
      concord parked list routing
      concord parked show routing 17
      concord parked replay routing 17 18
    """


for each in (list_parked, show, replay, drop):
    parked.add_command(each)
