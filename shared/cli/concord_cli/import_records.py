"""`concord import`: records of another system, imported once each by a running intake."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from concord_cli.common.console import Console
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import RUNNING, is_home
from concord_cli.common.import_journal import Journal
from concord_cli.common.importer import Import, to_intake
from concord_cli.common.intake_url import GIVE_UP_AFTER, check_intake_url
from concord_cli.common.options import JSON, home_option
from concord_cli.common.records import Record, read_records

TOKEN = "CONCORD_TOKEN"
MAX_REFUSALS = 10
"""Refusals in the output without --json."""


@click.command(name="import")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="Keep the records' own times: opened, closed, and the city's target.")
@home_option()
@click.option("--intake", "url", help="URL of intake.  [default: that of the local run in --home]")
@click.option("--source", help="Name of the other system; ids are unique within it.  [default: the file's name]")
@GIVE_UP_AFTER
@JSON
def import_records(
    records: Path,
    history: bool,
    home: Path,
    url: str | None,
    source: str | None,
    give_up_after: float,
    as_json: bool,
) -> None:
    """Import the concerns of the CSV file RECORDS.

    The file needs the columns n_id, n_category, n_text, n_time, n_lon, n_lat and n_area. It may have n_channel.

    With --history it may have n_closed and n_target too. Then routing opens each case with its own past, and
    dashboards show it at its own time.

    --history needs permission to import history: the login of the local run, or CONCORD_TOKEN.

    Intake accepts each record once. You can safely repeat an interrupted import. An import ends if intake does
    not answer for --give-up-after seconds.

    Exit code: 0 if all records are in, 1 if intake refused some or all, 2 for a usage error.

    \b
    Examples:
      concord import --history deploy/sample/boston/records.csv
      CONCORD_TOKEN=... concord import --history \\
        --intake https://concord.example.org 2015.csv
    """
    rows = read_records(records)
    source = source or records.name
    intake, token = url or _local_url(home), os.environ.get(TOKEN) or _local_token(home)
    check_intake_url(intake)
    if history and not token:
        raise UsageError(f"--history needs permission to import history: set {TOKEN}.")
    folder = home / "imports" if is_home(home) else Path(".concord-imports")
    with Journal(folder, source) as journal:
        job = Import(
            rows,
            source,
            journal,
            to_intake(intake, token, give_up_after),
            _print_error,
            example_contacts=False,
            history=history,
            give_up_after=give_up_after,
        )
        _follow(job, len(rows))
        result = _result(job, rows)
    _report(result, as_json)
    sys.exit(0 if result["taken_in"] == result["records"] else 1)


def _local_url(home: Path) -> str:
    try:
        running = json.loads((home / RUNNING).read_text("utf-8"))
        return str(running["urls"]["intake"])
    except (OSError, ValueError, KeyError):
        raise UsageError(f"No local run in {home}: start `concord up`, or set --intake.") from None


def _local_token(home: Path) -> str | None:
    file = home / "keys" / "ops-token"
    return file.read_text("ascii").strip() if file.exists() else None


def _follow(job: Import, total: int) -> None:
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=total)
        job.start()
        try:
            while not job.done.wait(0.2):
                progress.update(bar, completed=job.accepted + len(job.refused))
        except KeyboardInterrupt:
            job.stop()
            job.wait(5.0)
            raise


def _result(job: Import, records: list[Record]) -> dict[str, Any]:
    return {
        "records": len(records),
        "taken_in": job.accepted,
        "refused": [{"id": record_id, "why": why} for record_id, why in job.refused.items()],
        "failure": job.failure,
    }


def _report(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result))
        return
    refused = result["refused"]
    click.echo(f"{result['taken_in']:,} of {result['records']:,} records are in; intake refused {len(refused):,}.")
    for refusal in refused[:MAX_REFUSALS]:
        _print_error(f"  {refusal['id']}: {refusal['why']}")
    if len(refused) > MAX_REFUSALS:
        _print_error(f"  and {len(refused) - MAX_REFUSALS:,} more: use --json to see all")
    if result["failure"]:
        _print_error(f"Import failed: {result['failure']}. Repeat the command to go on.")


def _print_error(text: str) -> None:
    click.echo(text, err=True)
