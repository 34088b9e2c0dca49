"""`concord import`: a city's records from elsewhere, taken in by a running intake, each once."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from concord_cli.common.errors import UsageError
from concord_cli.common.import_journal import Journal
from concord_cli.common.importer import Import, to_intake
from concord_cli.common.options import home_option
from concord_cli.common.records import Record, RecordsWrong, read_records

TOKEN = "CONCORD_TOKEN"
SHOWN = 10
"""So many refusals are told one by one."""


@click.command(name="import")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="Keep the records' own times: opened, closed, the city's own target.")
@home_option()
@click.option("--intake", "url", help="Address of intake.  [default: that of the local run in --home]")
@click.option("--source", help="Where the records come from; an id counts within it.  [default: the file's name]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def bring_in(records: Path, history: bool, home: Path, url: str | None, source: str | None, as_json: bool) -> None:
    """Take the concerns of a CSV file in, through intake's own door.

    Columns: n_id, n_category, n_text, n_time, n_lon, n_lat, n_area; with --history also n_closed and n_target. A
    record is taken in once however often it is sent: run a broken-off import again as it was. With --history routing
    opens each case with its own past, and dashboards show it as it was.

    --history needs a login that may import history: the local run's own, or CONCORD_TOKEN.

    Exit code: 0 all are in; 1 some were refused, or intake refuses; 2 a wrong call.

    \b
    Examples:
      concord import --history deploy/sample/boston/records.csv
      CONCORD_TOKEN=... concord import --history --intake https://concord.example.org 2015.csv
    """
    known = _read(records)
    source = source or records.name
    where, token = url or _local_url(home), os.environ.get(TOKEN) or _local_token(home)
    if history and not token:
        raise UsageError(f"--history needs a login that may import history: set {TOKEN}.")
    with Journal(_journal(home), source) as journal:
        job = Import(known, source, journal, to_intake(where, token), _say, example_contacts=False, history=history)
        _follow(job, len(known))
        result = _result(job, known)
    _tell(result, as_json)
    sys.exit(0 if result["taken_in"] == result["records"] else 1)


def _read(records: Path) -> list[Record]:
    try:
        return read_records(records)
    except RecordsWrong as error:
        raise UsageError(str(error)) from error


def _local_url(home: Path) -> str:
    try:
        told = json.loads((home / "running.json").read_text("utf-8"))
        return str(told["urls"]["intake"])
    except (OSError, ValueError, KeyError):
        raise UsageError(f"Nothing runs in {home}: start `concord up`, or give --intake.") from None


def _local_token(home: Path) -> str | None:
    file = home / "keys" / "ops-token"
    return file.read_text("ascii").strip() if file.exists() else None


def _journal(home: Path) -> Path:
    return home / "imports" if (home / "home.json").exists() else Path(".concord-imports")


def _follow(job: Import, total: int) -> None:
    columns = (TextColumn("taking in"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=total)
        job.start()
        try:
            while not job.done.wait(0.2):
                progress.update(bar, completed=job.answered + len(job.refused))
        except KeyboardInterrupt:
            job.stop()
            job.wait(5.0)
            raise


def _result(job: Import, records: list[Record]) -> dict[str, Any]:
    return {
        "records": len(records),
        "taken_in": job.answered,
        "refused": [{"id": name, "why": why} for name, why in job.refused.items()],
        "failure": job.failure,
    }


def _tell(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result))
        return
    click.echo(
        f"{result['taken_in']:,} of {result['records']:,} records are in, {len(result['refused']):,} were refused."
    )
    for each in result["refused"][:SHOWN]:
        click.echo(f"  {each['id']}: {each['why']}", err=True)
    if len(result["refused"]) > SHOWN:
        click.echo(f"  and {len(result['refused']) - SHOWN:,} more: see them all with --json", err=True)
    if result["failure"]:
        click.echo(f"Not done: {result['failure']}.", err=True)


def _say(text: str) -> None:
    click.echo(text, err=True)
