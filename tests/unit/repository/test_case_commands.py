"""Each case command is in the guides, the permissions and the contracts."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from concord_access import Action
from concord_access.domain import principal
from concord_bus.topology.declarations import NOTICE_TYPES
from concord_contracts.messages.officer_messages import WORDS
from concord_contracts.messages.promises import PROMISES
from concord_notification.webhooks.application.manage_endpoints import AuditAction
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.domain.promise import AGREED

GUIDES = Path(__file__).resolve().parents[3] / "docs" / "guide"
CODE = re.compile(r"`([^`]+)`")


def rows(guide: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    _, _, section = (GUIDES / guide).read_text("utf-8").partition(f"# {heading}\n")
    lines = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert lines, f"{guide} has no table under {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[0].splitlines()[2:]]


def test_the_guide_names_the_commands_that_keep_a_promise() -> None:
    keepers = {CODE.findall(kind)[0]: set(CODE.findall(kept)) for kind, _, kept in rows("promises.md", "Kinds")}
    for kind in PROMISES:
        keeping = {name for name, spec in OFFICER_COMMANDS.items() if kind in spec.keeps}
        if kind == AGREED:
            keeping |= {name for name, spec in OFFICER_COMMANDS.items() if "keeps_promise" in spec.fields}
        assert keepers[kind] & OFFICER_COMMANDS.keys() == keeping, kind


def test_the_guide_names_each_audit_action() -> None:
    actions: set[str] = set()
    for _, cell, *_ in rows("audit.md", "Contents of an entry"):
        first, *others = CODE.findall(cell)
        noun = first.partition(".")[0]
        actions |= {first, *(f"{noun}{other}" if other.startswith(".") else other for other in others)}

    of_cases = {spec.audit_action for spec in OFFICER_COMMANDS.values()} | {
        "case.read",
        "case.search",
        "case.handed_over",
    }
    assert {action for action in actions if action.startswith("case.")} == of_cases
    assert {action for action in actions if action.startswith("webhook.")} == {str(action) for action in AuditAction}


def test_the_guide_names_each_command_beside_its_permission() -> None:
    needed = {
        (command, CODE.findall(action)[0])
        for commands, action in rows("access.md", "Which endpoint needs which action")
        for command in CODE.findall(commands)
        if command in OFFICER_COMMANDS
    }
    assert needed == {(name, str(spec.permission)) for name, spec in OFFICER_COMMANDS.items()}


def test_the_action_names_each_command_that_it_grants() -> None:
    described = re.search(r'CASE_WORK = .*\n\s+"""(.+?)"""', inspect.getsource(principal))
    assert described
    granted = {name for name, spec in OFFICER_COMMANDS.items() if spec.permission == Action.CASE_WORK}
    assert granted <= set(re.findall(r"\w+", described[1].lower()))


@pytest.mark.parametrize("name", OFFICER_COMMANDS)
def test_the_contracts_know_the_event_and_the_text_of_a_command(name: str) -> None:
    spec = OFFICER_COMMANDS[name]
    if spec.event is None:  # for colleagues only
        assert spec.officer_message is None
        return
    assert spec.event.TYPE in NOTICE_TYPES
    assert spec.officer_message in (None, *WORDS)
    if spec.event.__name__.startswith("Concern"):
        assert spec.event_time in {field.name for field in dataclasses.fields(spec.event)}
