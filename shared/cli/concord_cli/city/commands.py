"""`concord city` and its sub-commands."""

import click

from concord_cli.city.apply import apply_city
from concord_cli.city.check import check_folder
from concord_cli.city.init import init_folder
from concord_cli.city.trial.commands import try_city


@click.group()
def city() -> None:
    """Write and validate a city folder, try it on past concerns, and make it live.

    \b
    Examples:
      concord city init --areas districts.geojson --records 311.csv elm
      concord city check deploy/sample/boston/city
      concord city try new-city --live 365d
      concord city apply new-city
    """


city.add_command(init_folder)
city.add_command(check_folder)
city.add_command(try_city)
city.add_command(apply_city)
