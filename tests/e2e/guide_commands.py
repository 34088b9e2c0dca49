"""The shell commands of README and the guides, one by one, as the pages write them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/cases.md", *sorted(str(page.relative_to(ROOT)) for page in ROOT.glob("docs/guide/*.md")))
SHELL_BLOCK = re.compile(r"^ *```(?:sh|bash|shell|console)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page; it may have several lines."""

    page: str
    text: str


def commands_of(page: str) -> list[Command]:
    """Every command in the shell blocks of a page, in order."""
    text = (ROOT / page).read_text("utf-8")
    return [Command(page, command) for block in SHELL_BLOCK.findall(text) for command in split(dedent(block))]


def split(block: str) -> Iterator[str]:
    """Yield the commands of a block. A line belongs to the command before it while a quote or a line is open."""
    open_lines: list[str] = []
    for line in block.splitlines():
        open_lines.append(line)
        text = "\n".join(open_lines)
        if not line.endswith("\\") and _is_whole(text):
            if text.strip() and not text.lstrip().startswith("#"):
                yield text
            open_lines = []
    assert not open_lines, f"a quote is open at the end of: {block}"


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True
