"""`concord city try`: options, progress and exit codes."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from concord_city import City, CityError, load
from concord_city.decider import compare
from concord_city.domain.comparison import PastConcern
from concord_city.domain.comparison_counts import ComparisonCounts
from concord_cli.city.trial.changes_csv import changes_file
from concord_cli.city.trial.report import Trial, to_json, to_text
from concord_cli.city.trial.sources import RecordedConcerns, live_concerns
from concord_cli.common.console import Console
from concord_cli.common.database_urls import database_url
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import remembered_city
from concord_cli.common.options import CITY_FOLDER, DATABASE_VARIABLE, JSON, database_options
from concord_cli.common.terminal_text import echo
from concord_cli.common.time_option import DURATION
from concord_cli.records import FILE_NAME, READY, RecordsFile, choose_mapping

STEP = 10_000
"""Concerns between two updates of the progress."""


@click.command(name="try")
@click.argument("folder", metavar="DIR", type=CITY_FOLDER)
@click.option(
    "--against",
    "records",
    metavar="RECORDS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV file of records, as for `concord import`.",
)
@click.option("--columns", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Mapping of the columns.")
@click.option("--from", "ready", type=click.Choice(READY), help="Ready mapping of a published export.")
@click.option("--live", metavar="LENGTH", type=DURATION, help="Concerns of intake's database: of the last 365d or 12h.")
@click.option(
    "--now",
    "present",
    metavar="DIR",
    type=CITY_FOLDER,
    envvar="CONCORD_CITY",
    show_envvar=True,
    help="City folder to compare with.  [default: that of the local run in --home]",
)
@click.option(
    "--csv",
    "csv_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file to write: each concern with a change, and both decisions.",
)
@database_options
@JSON
def try_city(
    folder: Path,
    records: Path | None,
    columns: Path | None,
    ready: str | None,
    live: timedelta | None,
    present: Path | None,
    csv_file: Path | None,
    home: Path,
    database: str | None,
    as_json: bool,
) -> None:
    """Try the city folder DIR on past concerns before it is live.

    The command decides each concern by the present rules and by those of DIR. It shows which concerns would go to
    another team, and which promises would have another time. It changes nothing.

    Name the concerns by --against or by --live. Places, categories, channels and times come from intake's database with
    --live; texts stay there. A mapping says which column of RECORDS is what: --columns, else --from, else columns.toml
    in DIR or in the present city folder.

    With --csv, a file lists each concern with a change.

    The decisions are those of the rules: what an officer reassigned or renegotiated later does not count.

    Exit code: 0 after the comparison, 1 if a city folder has errors or the database is unavailable, 2 for a usage
    error.

    \b
    Examples:
      concord city try new-city --against records.csv
      concord city try new-city --live 365d --csv changes.csv
      concord city try new-city --now city --live 90d \\
        --database postgresql+psycopg2://concord@db.example.org/concord_intake
    """
    if (records is None) == (live is None):
        raise UsageError("Name the concerns: either --against RECORDS or --live LENGTH, such as --live 365d.")
    if records and csv_file and csv_file.resolve() == records.resolve():
        raise UsageError("--csv would overwrite RECORDS: name another file.")
    now_folder = present or _present(home)
    now, new, at = _load(now_folder), _load(folder), datetime.now(UTC)
    if records is not None:
        mapping = choose_mapping(columns, ready, folder if (folder / FILE_NAME).exists() else now_folder)
        categories = frozenset(now.categories) | frozenset(new.categories)
        recorded = RecordedConcerns(RecordsFile(records, mapping, now.zone, categories, at), at)
        counts = _compare(now, new, recorded, csv_file)
        seen = recorded.without_time, recorded.refused, recorded.first_refused
        trial = Trial(now_folder, folder, counts, *seen)
    elif live is not None:
        url = database_url("intake", database or os.environ.get(DATABASE_VARIABLE), home)
        with live_concerns(url, live, at) as concerns:
            trial = Trial(now_folder, folder, _compare(now, new, concerns, csv_file))
    echo(to_json(trial), to_text(trial), as_json=as_json)


def _present(home: Path) -> Path:
    city = remembered_city(home)
    if city is None:
        raise UsageError(f"{home} remembers no city folder: set --now to the one that is live, or set --home.")
    return city


def _load(folder: Path) -> City:
    try:
        return load(folder)
    except CityError as error:
        raise click.ClickException(f"{error}\nSee `concord city check {folder}`.") from error


def _compare(now: City, new: City, concerns: Iterable[PastConcern], csv_file: Path | None) -> ComparisonCounts:
    counts = ComparisonCounts()
    console = Console(stderr=True)
    columns = (TextColumn("{task.completed:,.0f} concerns compared"), TimeElapsedColumn())
    with changes_file(csv_file) as changes, Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        for comparison in compare(now, new, concerns):
            counts.add(comparison)
            if changes is not None:
                changes.add(comparison)
            if counts.concerns % STEP == 0:
                bar.update(task, completed=counts.concerns)
    return counts
