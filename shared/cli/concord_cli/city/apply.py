"""`concord city apply`: a new city folder becomes the live one while services run."""

import sys
from pathlib import Path

import click

from concord_city import check
from concord_city.adapters.folder_replacement import differs_beside, replace_content
from concord_city.adapters.folder_watch import UNFINISHED, digest
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import remembered_city
from concord_cli.common.options import CITY_FOLDER, JSON, home_option
from concord_cli.common.terminal_text import counted, echo

LIVE_SECONDS = 15
"""The time by which a running service has noticed, checked and loaded the change of a city of ordinary size."""


@click.command(name="apply")
@click.argument("folder", metavar="DIR", type=CITY_FOLDER)
@click.option(
    "--to",
    "target",
    metavar="DIR",
    type=CITY_FOLDER,
    envvar="CONCORD_CITY",
    show_envvar=True,
    help="City folder of the services.  [default: that of the local run in --home]",
)
@home_option()
@JSON
def apply_city(folder: Path, target: Path | None, home: Path, as_json: bool) -> None:
    """Make the city folder DIR the live one.

    The command checks DIR and copies its files into the city folder of the services. They notice the change by
    themselves and go on without a stop. Routing hands over the open cases of teams and areas that are gone.

    See `concord city try` for the effects first. With an error in DIR, nothing changes.

    Exit code: 0 when the folder of the services has the new content, 1 if DIR has errors or nobody can write to the
    folder, 2 for a usage error.

    \b
    Examples:
      concord city apply new-city
      concord city apply new-city --to /etc/concord/city
    """
    live = target or _live(home)
    if live.samefile(folder):
        raise UsageError(f"{folder} is the folder of the services: they notice its changes. Apply a changed copy.")
    content = digest(folder)
    findings = check(folder)
    errors = [str(finding) for finding in findings if finding.level == "error"]
    if errors:
        click.echo("\n".join([*errors, f"{folder}: {counted(len(errors), 'error')}, so nothing changes"]), err=True)
        sys.exit(1)
    before = digest(live)
    changes = before != content or differs_beside(live, folder) or (live / UNFINISHED).exists()
    if changes:
        _replace(live, folder, content)
    result = {"folder": str(live), "before": before, "now": content, "changed": changes}
    after = f"the services load it within {LIVE_SECONDS} seconds; `concord doctor` shows what keeps them from it"
    echo(result, f"{live} has the content of {folder}{f': {after}' if changes else ' already'}.", as_json=as_json)


def _live(home: Path) -> Path:
    city = remembered_city(home)
    if city is None or not city.is_dir():
        raise UsageError(f"{home} remembers no city folder: set --to to that of the services, or set --home.")
    return city


def _replace(live: Path, folder: Path, content: str) -> None:
    try:
        replace_content(live, folder)
    except OSError as error:
        half = (live / UNFINISHED).exists()
        after = (
            "No service loads the folder until you correct this and"
            if half
            else "Nothing has changed. Correct this and"
        )
        fault = f"{error.filename or live}: {error.strerror}"
        raise click.ClickException(f"the change failed ({fault}). {after} repeat the command.") from error
    if digest(live) != content:
        raise click.ClickException(f"{folder} has changed since its check: repeat the command.")
