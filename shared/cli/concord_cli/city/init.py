"""`concord city init`."""

from pathlib import Path
from typing import Any

import click

from concord_cli.city.options import FILE, emergency_number, time_zone
from concord_cli.common.options import JSON
from concord_cli.records import READY
from concord_i18n.languages import supported_languages


@click.command(name="init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--areas", "boundaries", type=FILE, required=True, help="Boundary file: GeoJSON in WGS 84 degrees.")
@click.option(
    "--records", type=FILE, help="CSV file of records: gives categories, placeholder points and columns.toml."
)
@click.option("--columns", type=FILE, help="Mapping of the columns of --records.  [default: a guess]")
@click.option("--from", "ready", type=click.Choice(READY), help="Ready mapping of --records.  [default: a guess]")
@click.option("--id-property", help="Property of the boundary file with the ids of areas.")
@click.option("--name-property", help="Property of the boundary file with the names of areas.")
@click.option("--name", help="Name of the city.  [default: that of the folder]")
@click.option("--time-zone", callback=time_zone, help="IANA name of the time zone, such as America/New_York.")
@click.option("--country", help="ISO code of the country, such as US: for the time zone and the emergency number.")
@click.option("--emergency-number", callback=emergency_number, help="Telephone number for emergencies.")
@click.option(
    "--language",
    "languages",
    type=click.Choice(supported_languages()),
    multiple=True,
    help="Language of residents; the first is the default.  [default: en]",
)
@JSON
def init_folder(as_json: bool, **options: Any) -> None:
    """Write a first city folder DIR from a boundary file and records.

    It finds the ids and names of the areas, and joins features that are parts of one area. Each area gets a team,
    which takes every concern in it. From the records it takes the categories and columns.toml, which tells what the
    columns are.

    It prints each guess with the way to change it. DIR must be new or empty.

    Exit code: 0 when the folder is written, 1 if a file cannot be used, 2 for a usage error.

    \b
    Examples:
      concord city init --areas districts.geojson --records 311.csv elm
      concord city init --areas beats.geojson --id-property beat_num \\
        --name-property beat_name --time-zone America/Chicago elm
      concord city init --json --areas districts.geojson elm | jq .guesses
    """
    from concord_cli.city.first_city import first_city
    from concord_cli.city.init_report import as_json as to_json
    from concord_cli.city.init_report import as_text
    from concord_cli.city.init_sources import InitOptions

    made = first_city(InitOptions(**options))
    click.echo(to_json(made) if as_json else as_text(made))
