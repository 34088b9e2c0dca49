"""`concord city`: look after a city folder."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from concord_city import Finding, check


@click.group(help="Look after a city folder: its areas, categories, teams and rules.")
def city() -> None:
    pass


@city.command(name="check")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@click.pass_context
def check_folder(context: click.Context, folder: Path, as_json: bool) -> None:
    """Check the city folder DIR and say, with file and line, what to do.

    Exit code: 0 without errors (warnings may be there), 1 with errors, 2 for a wrong call.
    """
    findings = check(folder)
    levels = Counter[str](finding.level for finding in findings)
    click.echo(_as_json(folder, findings, levels) if as_json else _as_lines(folder, findings, levels))
    context.exit(1 if levels["error"] else 0)


def _as_lines(folder: Path, findings: Sequence[Finding], levels: Counter[str]) -> str:
    counts = ", ".join(_count(levels[level], level) for level in ("error", "warning"))
    verdict = "not usable" if levels["error"] else "usable"
    return "\n".join([*map(str, findings), f"{folder}: {verdict}, {counts}"])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _as_json(folder: Path, findings: Sequence[Finding], levels: Counter[str]) -> str:
    answer = {
        "folder": str(folder),
        "usable": not levels["error"],
        "errors": levels["error"],
        "warnings": levels["warning"],
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)
