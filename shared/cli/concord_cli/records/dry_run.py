"""Trial of an import: good and refused rows, the teams that would get the records, and what intake would do."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from concord_city import Assignment, CityError, decide
from concord_cli.common.errors import UsageError
from concord_cli.common.importer import ALREADY, DIFFERS, NEW, UPDATED
from concord_cli.common.records import Record
from concord_cli.common.terminal_text import counted
from concord_cli.records.judged import Judged
from concord_cli.records.report import Outcome, as_dict, print_unsettled, reading_as_dict

LOCATED_TOGETHER = 4096
"""Points that are located in one step: one by one is slow, and all at once needs memory."""
REASONS = {
    "no_location": "a person decides: no place",
    "outside": "a person decides: outside all areas",
    "placeholder": "a person decides: a placeholder point",
    "no_rule": "a person decides: no rule matches",
    "unknown_category": "a person decides: the category is not the city's",
}


def dry_run(judged: Judged, city: Path | None, trial: Outcome | None, as_json: bool) -> None:
    """Print what would happen. With a city folder, count the teams; `trial` is what intake said, if it was asked.

    Raises UsageError for a city with errors.
    """
    teams = routes(judged.records, city) if city else None
    if as_json:
        click.echo(json.dumps(_as_dict(judged, teams, trial)))
        return
    click.echo(f"{counted(len(judged.records), 'row')} would come in, {len(judged.refused):,} would be refused.")
    for name, count in sorted(judged.categories.items(), key=lambda pair: (-pair[1], pair[0])):
        click.echo(f"  category {name}: {count:,}")
    for team, count in (teams or Counter()).most_common():
        click.echo(f"  {REASONS.get(team, f'team {team}')}: {count:,}")
    if trial:
        _print_trial(trial)


def routes(records: Iterable[Record], folder: Path) -> Counter[str]:
    """Return how many records each team would get; a key of REASONS counts those that no team would."""
    from concord_city import Locator, load  # the geometry library takes a third of a second

    try:
        city = load(folder)
    except CityError as error:
        raise UsageError(str(error)) from error
    counts: Counter[str] = Counter()
    now, locator = datetime.now(UTC), Locator(city)
    for some in _in_parts(records):
        for record, located in zip(some, locator.locate_all([record.point for record in some]), strict=True):
            opened = record.occurred_at or record.opened_at
            at = datetime.fromisoformat(opened) if opened else now
            verdict = decide(city, located, record.category, record.channel, at)
            counts[verdict.team if isinstance(verdict, Assignment) else verdict.reason] += 1
    return counts


def _in_parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(records)
    while some := list(islice(rest, LOCATED_TOGETHER)):
        yield some


def _print_trial(trial: Outcome) -> None:
    new, updated, already, differing = (trial.statuses.get(status, 0) for status in (NEW, UPDATED, ALREADY, DIFFERS))
    click.echo(
        f"At intake: {new:,} new, {updated:,} updated, {already:,} the same, {differing:,} that differ, "
        f"{len(trial.refused):,} refused."
    )
    print_unsettled(trial)


def _trial_as_dict(trial: Outcome) -> dict[str, Any]:
    told = as_dict(trial)
    counts = {status: trial.statuses.get(status, 0) for status in (NEW, UPDATED, ALREADY)}
    return {**counts, **{name: told[name] for name in ("differs", "refused", "failure")}}


def _as_dict(judged: Judged, teams: Counter[str] | None, trial: Outcome | None) -> dict[str, Any]:
    return {
        "would_come_in": len(judged.records),
        "categories": dict(judged.categories),
        "teams": None if teams is None else dict(teams),
        "intake": trial and _trial_as_dict(trial),
        **reading_as_dict(judged),
    }
