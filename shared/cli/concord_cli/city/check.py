"""`concord city check`."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from concord_city import check
from concord_cli.city.columns_check import check_columns
from concord_cli.common.options import CITY_FOLDER, JSON
from concord_cli.common.terminal_text import counted
from concord_i18n.languages import supported_languages


@click.command(name="check")
@click.argument("folder", metavar="DIR", type=CITY_FOLDER)
@JSON
@click.pass_context
def check_folder(context: click.Context, folder: Path, as_json: bool) -> None:
    """Check the city folder DIR for faults.

    Each fault has file, line and remedy. An error keeps Concord from loading the city. A warning names what is valid,
    but not likely to be meant. A note is for information.

    The folder may have a columns.toml, the mapping of records to import. An error there keeps Concord from reading
    records with it. A code of it that is no category, area or channel of the city is an error.

    Exit code: 0 without errors (there may be warnings), 1 with errors, 2 for a usage error.

    \b
    Examples:
      concord city check deploy/sample/boston/city
      concord city check --json boston/city | jq '.findings[].message'
    """
    findings = [*check(folder, texts=supported_languages()), *check_columns(folder)]
    levels = Counter[str](finding.level for finding in findings)
    usable = not levels["error"]
    if as_json:
        counts = {"usable": usable, "errors": levels["error"], "warnings": levels["warning"]}
        report = {"folder": str(folder), **counts, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(report, indent=2))
    else:
        counts_text = ", ".join(counted(levels[level], level) for level in ("error", "warning"))
        verdict = "usable" if usable else "not usable"
        click.echo("\n".join([*map(str, findings), f"{folder}: {verdict}, {counts_text}"]))
    context.exit(0 if usable else 1)
