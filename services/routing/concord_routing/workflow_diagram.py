"""Generate the parts of docs/cases.md that follow from the command specs: the state diagram and the table of commands.

Run `python -m concord_routing.workflow_diagram docs/cases.md` after a change of a spec.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from concord_contracts import CATALOGUE
from concord_routing.domain.case import OFFICER, RECEIVED
from concord_routing.domain.command_spec import CommandSpec, FieldKind, FieldSpec
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.domain.workflow import TRANSITIONS, Transition

DIAGRAM = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)
TABLE = re.compile(r"\| command \|.*?\n(?=\n)", re.DOTALL)
EVENT_NAMES = {kind.data: kind.name for kind in CATALOGUE.values()}


def mermaid() -> str:
    """Return a Mermaid state diagram with one arrow for each transition."""
    lines = ["stateDiagram-v2", f"    [*] --> {RECEIVED}"]
    lines += [f"    {row.source} --> {row.target}: {_label(row)}" for row in TRANSITIONS]
    return "\n".join(lines) + "\n"


def _label(row: Transition) -> str:
    guard = f" [{row.guard.name}]" if row.guard.name else ""
    actor = "" if row.by == OFFICER else f" ({row.by})"
    return f"{row.command}{guard}{actor}"


def commands_table() -> str:
    """Return a Markdown table with one row for each command of an officer."""
    head = "| command | effect | body | event | permission |\n| --- | --- | --- | --- | --- |\n"
    return head + "".join(f"| {' | '.join(_cells(spec))} |\n" for spec in OFFICER_COMMANDS.values())


def _cells(spec: CommandSpec) -> Iterator[str]:
    yield f"`{spec.name}`"
    yield spec.summary
    yield ", ".join(f"`{name}`{_limits(*field)}" for name, field in spec.fields.items())
    yield f"`{EVENT_NAMES[spec.event]}`" if spec.event else ""
    yield f"`{spec.permission}`"


def _limits(spec: FieldSpec, default: object) -> str:
    limits = [str(spec.limit)] if spec.kind is FieldKind.TEXT else []
    limits += [" or ".join(f"`{value}`" for value in spec.choices)] if spec.choices else []
    limits += ["optional"] if default is None else ["false"] if default is False else []
    return f" ({', '.join(limits)})" if limits else ""


def regenerate(document: str) -> str:
    """Return the document with both parts new. Raises ValueError unless each is in it exactly once."""
    for pattern, part in ((DIAGRAM, f"```mermaid\n{mermaid()}```\n"), (TABLE, commands_table())):
        document, number = pattern.subn(part, document)
        if number != 1:
            raise ValueError(f"expected one part {part.splitlines()[0]}, found {number}")
    return document


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m concord_routing.workflow_diagram FILE", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        path.write_text(regenerate(path.read_text("utf-8")), "utf-8")
    except (OSError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
