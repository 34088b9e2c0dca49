"""README and guides: links lead to a file and a heading, and the commands shown exist with their options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from concord_cli.commands import concord

ROOT = Path(__file__).parents[3]
GUIDES = sorted(
    [ROOT / "README.md", ROOT / "docs" / "cases.md", ROOT / "docs" / "walk.md", *(ROOT / "docs" / "guide").glob("*.md")]
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
SHELL_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\bconcord ((?:[^\n)|&;'#]|'[^']*')+)")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each `concord` command in a shell block."""
    for block in SHELL_BLOCK.findall(text):
        for arguments in COMMAND.findall(block.replace("\\\n", " ")):
            yield shlex.split(arguments)


def unknown_parts(arguments: list[str]) -> list[str]:
    """The subcommand or options of a command line that `concord` does not have."""
    command: click.Command | None = concord
    rest = iter(arguments)
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), next(rest, ""))
    if command is None:
        return [f"concord {' '.join(arguments)}"]
    known = {option for parameter in command.params for option in parameter.opts}
    known |= set(command.context_settings.get("help_option_names", ("--help",)))
    return [option for option in rest if re.match(r"--?[a-z]", option) and option.partition("=")[0] not in known]


@pytest.mark.parametrize("guide", [*GUIDES, ROOT / "CONTRIBUTING.md"], ids=lambda guide: guide.name)
def test_links_lead_to_a_file_and_a_heading(guide: Path) -> None:
    for target, anchor in LINK.findall(guide.read_text(encoding="utf-8")):
        page = guide.parent / target if target else guide
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), f"{target}#{anchor}"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_commands_and_options_exist(guide: Path) -> None:
    for arguments in commands(guide.read_text(encoding="utf-8")):
        assert unknown_parts(arguments) == [], arguments


def test_an_unknown_command_or_option_is_found() -> None:
    shown = list(commands("```sh\nKEY=$(concord token issue desk --roll officer)\nconcord tell\n```\n"))
    assert [unknown_parts(arguments) for arguments in shown] == [["--roll"], ["concord tell"]]
