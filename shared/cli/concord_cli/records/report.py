"""Output of `concord import`: decisions of the reader, refused rows, and the outcome."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from concord_cli.common.importer import ALREADY, DIFFERS, UPDATED
from concord_cli.common.terminal_text import counted, plain
from concord_cli.records.judged import Judged

MAX_LINES = 10
"""Lines of each kind in the output without --json."""


@dataclass(frozen=True)
class Outcome:
    """`taken_in` counts the records that intake has; `refused` has the reasons of intake by record id.

    `statuses` counts the records by intake's status. `differs` has the fields that contradict what is in, by record id.
    """

    judged: Judged
    taken_in: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)
    differs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.taken_in == self.judged.rows and not self.differs


def print_notes(judged: Judged, as_json: bool) -> None:
    """Print what the reader decided, the refused rows, and the categories without a code."""
    if as_json:
        return
    _print_some("", [str(note) for note in judged.notes], "notes")
    _print_some("", [str(row) for row in judged.refused], "refused rows")
    if judged.unmapped:
        ordered = sorted(judged.unmapped.items(), key=lambda pair: (-pair[1], pair[0]))
        print_error(f"{counted(len(ordered), 'text')} of the category column without a code:")
        _print_some("  ", [f"{text!r}: {counted(rows, 'row')}" for text, rows in ordered], "texts")


def print_outcome(outcome: Outcome, as_json: bool) -> None:
    """Print how many records are in, what intake refused, and why the import failed."""
    judged = outcome.judged
    if as_json:
        click.echo(json.dumps(as_dict(outcome)))
        return
    click.echo(
        f"{outcome.taken_in:,} of {judged.rows:,} records are in; intake refused {len(outcome.refused):,}, "
        f"{counted(len(judged.refused), 'row')} of the file cannot be read as records."
    )
    click.echo(came_again(outcome.statuses), nl=False)
    print_unsettled(outcome)


def print_unsettled(outcome: Outcome) -> None:
    """Print what intake refused, what differs, and why the import failed."""
    _print_some("  ", [f"{record}: {why}" for record, why in outcome.refused.items()], "refused records")
    print_differing(outcome.differs)
    if outcome.failure:
        print_error(f"Import failed: {outcome.failure}. Repeat the command to go on.")


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome for --json. Rows that the reader refused have a line, those of intake an id."""
    return {
        "records": outcome.judged.rows,
        "taken_in": outcome.taken_in,
        "refused": [{"id": record_id, "why": why} for record_id, why in outcome.refused.items()],
        "failure": outcome.failure,
        "updated": outcome.statuses.get(UPDATED, 0),
        "already_in": outcome.statuses.get(ALREADY, 0),
        "differs": [{"id": record_id, "fields": list(fields)} for record_id, fields in outcome.differs.items()],
        **reading_as_dict(outcome.judged),
    }


def reading_as_dict(judged: Judged) -> dict[str, Any]:
    return {
        "refused_rows": [{"line": row.line, "why": row.reason} for row in judged.refused],
        "notes": [str(note) for note in judged.notes],
        "categories_without_code": dict(judged.unmapped),
    }


def came_again(statuses: Mapping[str, int]) -> str:
    """Return a line about the records that were in before, nothing if there are none."""
    already, updated, differing = (statuses.get(status, 0) for status in (ALREADY, UPDATED, DIFFERS))
    if not already + updated + differing:
        return ""
    return f"In before: {already:,} the same, {updated:,} updated, {differing:,} that differ.\n"


def print_differing(differs: Mapping[str, Sequence[str]]) -> None:
    """Print the records that differ from what is in. Nothing of them changes."""
    if differs:
        verb = "differs" if len(differs) == 1 else "differ"
        print_error(f"{counted(len(differs), 'record')} {verb} from what is in, and nothing of them has changed:")
        _print_some("  ", [f"{record}: {', '.join(fields)}" for record, fields in differs.items()], "records")


def some_of(lines: Sequence[str], what: str) -> list[str]:
    """Return the first lines, and a line that says how many more there are of `what`."""
    more = len(lines) - MAX_LINES
    return [*lines[:MAX_LINES], *([f"and {more:,} more {what}"] if more > 0 else [])]


def _print_some(indent: str, lines: Sequence[str], what: str) -> None:
    for line in some_of(lines, f"{what}: use --json to see all"):
        print_error(indent + plain(line))


def print_error(text: str) -> None:
    click.echo(text, err=True)
