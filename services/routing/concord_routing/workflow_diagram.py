"""Draw the workflow table as a Mermaid diagram: `python -m concord_routing.workflow_diagram FILE`."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from concord_routing.domain.workflow import OFFICER, RECEIVED, TABLE, Transition

BLOCK = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)


def mermaid(table: Iterable[Transition] = TABLE) -> str:
    """A Mermaid state diagram with one arrow for each row of the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {RECEIVED}"]
    lines += [f"    {each.source} --> {each.target}: {_label(each)}" for each in table]
    return "\n".join(lines) + "\n"


def redrawn(document: str) -> str:
    """The document with its Mermaid block drawn anew. Raises ValueError when it has not exactly one."""
    drawn, found = BLOCK.subn(lambda _: f"```mermaid\n{mermaid()}```\n", document)
    if found != 1:
        raise ValueError(f"expected one Mermaid block, found {found}")
    return drawn


def _label(row: Transition) -> str:
    guard = f" [{row.guard.name}]" if row.guard.name else ""
    who = "" if row.by == OFFICER else f" ({row.by})"
    return f"{row.command}{guard}{who}"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m concord_routing.workflow_diagram FILE", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        path.write_text(redrawn(path.read_text("utf-8")), "utf-8")
    except (OSError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
