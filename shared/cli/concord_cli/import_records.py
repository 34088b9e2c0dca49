"""`concord import`: records of another system, imported once each by a running intake."""

import json
import os
import sys
from pathlib import Path

import click

from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import RUNNING, remembered_city
from concord_cli.common.importer import Import, Send, to_intake
from concord_cli.common.intake_url import GIVE_UP_AFTER, check_intake_url
from concord_cli.common.options import CITY_FOLDER, JSON, home_option
from concord_cli.records import (
    READY,
    Judged,
    RecordsFile,
    choose_mapping,
    choose_source,
    city_facts,
    judge_file,
    propose,
    to_toml,
    write_refused,
)
from concord_cli.records.dry_run import dry_run
from concord_cli.records.progress import follow
from concord_cli.records.report import Outcome, print_error, print_notes, print_outcome

TOKEN = "CONCORD_TOKEN"
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="import")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="Keep the records' own times: opened, closed, and the city's target.")
@home_option()
@click.option("--intake", "url", help="URL of intake.  [default: that of the local run in --home]")
@click.option("--source", help="Name of the other system; ids are unique within it.  [default: that of the mapping]")
@click.option("--columns", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Mapping of the columns.")
@click.option("--from", "ready", type=click.Choice(READY), help="Ready mapping of a published export.")
@click.option("--city", type=CITY_FOLDER, help="City folder.  [default: that of the local run in --home]")
@click.option("--propose", "is_proposal", is_flag=True, help="Print a mapping for RECORDS to begin with, then stop.")
@click.option(
    "--dry-run", "is_dry", is_flag=True, help="Import nothing; print what would happen, at intake too if it runs."
)
@click.option("--all-or-nothing", is_flag=True, help="Import nothing if a row of the file is refused.")
@click.option("--refused", type=FILE, help="Write the refused rows to this CSV file, each with its reason.")
@GIVE_UP_AFTER
@JSON
def import_records(
    records: Path,
    history: bool,
    home: Path,
    url: str | None,
    source: str | None,
    columns: Path | None,
    ready: str | None,
    city: Path | None,
    is_proposal: bool,
    is_dry: bool,
    all_or_nothing: bool,
    refused: Path | None,
    give_up_after: float,
    as_json: bool,
) -> None:
    """Import the concerns of the CSV file RECORDS.

    A mapping says which column is what: --columns, else --from, else columns.toml in the city folder. Without a
    mapping the file needs the columns n_id, n_category, n_text, n_time, n_lon, n_lat and n_area, and it may have
    n_closed, n_target and n_channel. In each row, n_id and n_category must have a value. n_text, n_time, n_area,
    n_closed, n_target, n_channel, and n_lon together with n_lat may be empty.

    A time without an offset is local time of the city. A day without an hour counts from its beginning for n_time, and
    to its end for n_closed and n_target.

    Each row is judged by itself: the command lists the faults of refused rows, and imports the others.

    With --history routing opens each case with its own past, and dashboards show it at its own time.

    --history needs permission to import history: the login of the local run, or CONCORD_TOKEN.

    Intake accepts each record once. You can safely repeat an interrupted import, or import a newer export of the same
    source. With --history a record that the city closed, reopened or gave another target is updated. If it differs in
    another way, the command says so, and nothing changes. An import ends if intake does not answer for
    --give-up-after seconds.

    Exit code: 0 if all records are in, 1 if some or all rows were refused or differ, 2 for a usage error.

    \b
    Examples:
      concord import --history --source records.csv \\
        deploy/sample/boston/records.csv
      concord import --history --from nyc311 --refused wrong.csv 311.csv
      concord import --propose export.csv > city/columns.toml
      CONCORD_TOKEN=... concord import --history --city city \\
        --intake https://concord.example.org export.csv
    """
    if is_proposal:
        click.echo(to_toml(propose(records)), nl=False)
        return
    if refused and refused.resolve() == records.resolve():
        raise UsageError("--refused would overwrite RECORDS: name another file.")
    city = city or (None if url else remembered_city(home))
    mapping, facts = choose_mapping(columns, ready, city), city_facts(city)
    source = choose_source(source, mapping)
    has_intake = not is_dry or url is not None or (home / RUNNING).exists()
    send_to = _address(home, url, history) if has_intake else None
    file = RecordsFile(records, mapping, facts.zone, facts.categories)
    judged = judge_file(file)
    print_notes(judged, as_json)
    outcome = Outcome(judged)
    if send_to and (is_dry or not (all_or_nothing and judged.refused)):
        outcome = _import(judged, source, to_intake(*send_to, give_up_after, dry_run=is_dry), history, give_up_after)
    if is_dry:
        dry_run(judged, city, outcome if send_to else None, as_json)
    if refused and (judged.refused or outcome.refused):
        count = write_refused(refused, file, judged, outcome.refused)
        print_error(f"{count:,} refused rows are in {refused}; correct them there and import that file.")
    if not is_dry:
        print_outcome(outcome, as_json)
    is_success = outcome.is_complete if send_to else is_dry and not judged.refused
    sys.exit(0 if is_success else 1)


def _address(home: Path, url: str | None, history: bool) -> tuple[str, str | None]:
    """Return intake's URL and the token. Raises UsageError."""
    intake, token = url or _local_url(home), os.environ.get(TOKEN) or (None if url else _local_token(home))
    check_intake_url(intake)
    if history and not token:
        raise UsageError(f"--history needs permission to import history: set {TOKEN}.")
    return intake, token


def _import(judged: Judged, source: str, sender: Send, history: bool, give_up_after: float) -> Outcome:
    job = Import(
        judged.records,
        source,
        sender,
        print_error,
        example_contacts=False,
        history=history,
        give_up_after=give_up_after,
    )
    follow(job, len(judged.records))
    return Outcome(judged, job.accepted, dict(job.refused), job.failure, job.statuses, job.differs)


def _local_url(home: Path) -> str:
    try:
        running = json.loads((home / RUNNING).read_text("utf-8"))
        return str(running["urls"]["intake"])
    except (OSError, ValueError, KeyError):
        raise UsageError(f"No local run in {home}: start `concord up`, or set --intake.") from None


def _local_token(home: Path) -> str | None:
    file = home / "keys" / "ops-token"
    return file.read_text("ascii").strip() if file.exists() else None
