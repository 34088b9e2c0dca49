"""`concord city` and its sub-commands."""

import click

from concord_cli.city.check import check_folder
from concord_cli.city.init import init_folder


@click.group()
def city() -> None:
    """Write and validate a city folder: areas, categories, teams and rules.

    \b
    Examples:
      concord city init --areas districts.geojson --records 311.csv elm
      concord city check deploy/sample/boston/city
    """


city.add_command(init_folder)
city.add_command(check_folder)
