"""`concord webhook`: its sub-commands together."""

import click

from concord_cli.webhook.commands import add, disable, enable, remove, replay, rotate
from concord_cli.webhook.looking import failures, list_endpoints, show


@click.group()
def webhook() -> None:
    """Look after webhooks: events by signed HTTPS request (Standard Webhooks) to services that do not speak AMQP.

    Exit code: 0 when it was done, 1 when it could not be done, 2 for a wrong call.

    \b
    Examples:
      concord webhook add parks --url https://hooks.example.org/concord --types concern.routed.v1
      concord webhook failures parks
      concord webhook replay parks --since 7d
    """


for each in (add, list_endpoints, show, rotate, disable, enable, remove, failures, replay):
    webhook.add_command(each)
