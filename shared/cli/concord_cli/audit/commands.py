"""`concord audit`: its sub-commands together."""

import click

from concord_cli.audit.list import list_entries
from concord_cli.audit.verify import verify


@click.group()
def audit() -> None:
    """Who did what: entries that can be added, never changed. Each service has a chain of its own.

    \b
    Examples:
      concord audit list --since 7d
      concord audit verify
    """


for each in (list_entries, verify):
    audit.add_command(each)
