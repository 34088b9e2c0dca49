"""Whether the city folder can be used, asked while the broker starts."""

from collections.abc import Callable
from pathlib import Path

from concord_cli.common.errors import UsageError


def check_city(folder: Path, say: Callable[[str], None]) -> None:
    """Raises UsageError with every finding when the folder cannot be used; says when something is doubtful."""
    from concord_city import check

    findings = check(folder)
    if any(each.level == "error" for each in findings):
        listed = "\n".join(f"  {each}" for each in findings if each.level != "note")
        raise UsageError(f"{folder} is not a usable city folder:\n{listed}")
    doubts = [each for each in findings if each.level == "warning"]
    if doubts:
        say(f"{folder}: usable, {len(doubts)} warnings; `concord city check {folder}` tells which.")
