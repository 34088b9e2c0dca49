"""`concord city` and its sub-commands."""

import click

from concord_cli.city.check import check_folder


@click.group()
def city() -> None:
    """Validate a city folder: areas, categories, teams and rules.

    \b
    Example:
      concord city check deploy/sample/boston/city
    """


city.add_command(check_folder)
