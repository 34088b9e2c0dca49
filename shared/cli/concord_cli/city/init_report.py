"""The output of `concord city init`: the new folder, the guesses, and the next commands."""

import json
import shlex
from dataclasses import asdict
from typing import Any

from concord_cli.city.first_city import FirstCity
from concord_cli.common.terminal_text import counted, plain
from concord_cli.records import FILE_NAME

MAX_REFUSED = 3


def as_json(made: FirstCity) -> str:
    """Return the report as indented JSON."""
    return json.dumps(_fields(made), indent=2)


def _fields(made: FirstCity) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "folder": str(made.folder),
        "areas": len(made.draft.areas.areas),
        "teams": len(made.draft.areas.areas),
        "categories": len(made.draft.categories),
        "placeholders": len(made.draft.placeholders),
        "records": None,
        "guesses": [asdict(guess) for guess in made.guesses],
        "warning": made.warning,
        "findings": [asdict(finding) for finding in made.findings],
    }
    if made.records and made.mapping:
        fields["records"] = {
            "rows": made.records.rows,
            "refused": list(made.records.refused),
            "guesses": list(made.mapping.guesses),
        }
    return fields


def as_text(made: FirstCity) -> str:
    """Return the report for a person."""
    return "\n".join([*_written(made), *_warning(made), "", *_guesses(made), "", *_check(made), *_next(made)])


def _written(made: FirstCity) -> list[str]:
    draft = made.draft
    counts = [
        counted(len(draft.areas.areas), "area"),
        counted(len(draft.areas.areas), "team"),
        f"{len(draft.categories):,} categories",
        counted(len(draft.placeholders), "placeholder point"),
    ]
    lines = [f"Wrote {plain(str(made.folder))}: {', '.join(counts)}."]
    if made.records:
        good = made.records.rows - len(made.records.refused)
        lines.append(
            f"{good:,} of {counted(made.records.rows, 'row')} of {plain(draft.records_file or '')} are records."
        )
        lines += [f"  {plain(text)}" for text in made.records.refused[:MAX_REFUSED]]
        more = len(made.records.refused) - MAX_REFUSED
        lines += [f"  and {more:,} more refused rows: `concord import --dry-run` lists all"] if more > 0 else []
    return lines


def _warning(made: FirstCity) -> list[str]:
    return [f"Warning: {made.warning}."] if made.warning else []


def _guesses(made: FirstCity) -> list[str]:
    lines = ["Guesses, each with the way to change it:"]
    for guess in made.guesses:
        lines.append(f"  {guess.about}: {plain(guess.value)} ({plain(guess.reason)}) -> {guess.change}")
    lines += [f"  {FILE_NAME}: {plain(text)}" for text in (made.mapping.guesses if made.mapping else ())]
    return lines


def _check(made: FirstCity) -> list[str]:
    warnings = sum(finding.level == "warning" for finding in made.findings)
    return [f"Check: usable, 0 errors, {counted(warnings, 'warning')}."]


def _next(made: FirstCity) -> list[str]:
    folder = plain(shlex.quote(str(made.folder)))
    records = f" --records {plain(shlex.quote(str(made.records_path)))}" if made.records_path else ""
    home = plain(shlex.quote(str(made.folder.with_name(f"concord-{made.folder.resolve().name}"))))
    return [f"Next: concord city check {folder}", f"      concord up --home {home} --city {folder}{records}"]
