"""`concord audit` and its sub-commands."""

import click

from concord_cli.audit.list import list_entries
from concord_cli.audit.verify import verify


@click.group()
def audit() -> None:
    """List and verify the audit of all operations.

    Each service has its own chain of entries. Entries are added, never changed.

    \b
    Examples:
      concord audit list --since 7d
      concord audit verify
    """


audit.add_command(list_entries)
audit.add_command(verify)
