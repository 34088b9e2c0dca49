"""The workflow: every transition of a case, from the specs of the commands and the two of the rules."""

from collections.abc import Iterator
from dataclasses import dataclass

import concord_routing.domain.history_commands  # noqa: F401 - declares its commands
from concord_routing.domain.case import OFFICER, RECEIVED, ROUTED, RULES, TRIAGE, Case
from concord_routing.domain.command_spec import ALWAYS, COMMAND_SPECS, Command, CommandSpec, Guard
from concord_routing.domain.commands import OFFICER_COMMANDS


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an actor (`by`) gives a command in the state `source`, which leads to `target`."""

    source: str
    command: str
    target: str
    guard: Guard = ALWAYS
    by: str = OFFICER


def _transitions(spec: CommandSpec) -> Iterator[Transition]:
    for path in spec.paths:
        for source in path.sources:
            yield Transition(source, spec.name, path.target or source, path.guard, spec.by)


TRANSITIONS: tuple[Transition, ...] = (
    Transition(RECEIVED, "route", ROUTED, by=RULES),
    Transition(RECEIVED, "leave_to_a_person", TRIAGE, by=RULES),
    *(row for spec in COMMAND_SPECS.values() for row in _transitions(spec)),
)


class TransitionNotAllowed(Exception):
    """The state of the case does not allow the command; `allowed` lists the commands that it allows."""

    def __init__(self, state: str, command: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{command} from {state}; allowed: {', '.join(allowed)}")
        self.state = state
        self.command = command
        self.allowed = allowed


def allowed_commands(case: Case) -> tuple[str, ...]:
    """Return the commands that an officer can give now, in the order of OFFICER_COMMANDS."""
    names = {row.command for row in TRANSITIONS if row.source == case.state and row.guard.of_case(case)}
    return tuple(name for name in OFFICER_COMMANDS if name in names)


def transition(case: Case, command: Command) -> Transition:
    """Return the row of the table for this command. Raises TransitionNotAllowed if there is none."""
    for row in TRANSITIONS:
        fits = row.source == case.state and row.command == command.spec.name
        if fits and row.guard.of_case(case) and row.guard.of_command(command):
            return row
    raise TransitionNotAllowed(case.state, command.spec.name, allowed_commands(case))
