"""CommandSpec, the one description of a case command, and the fields that a command can have.

The workflow table, the permissions, the HTTP routes, OpenAPI and docs/cases.md follow from it.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, TypeVar, dataclass_transform

from concord_access import Action
from concord_routing.domain.case import OFFICER, Case

C = TypeVar("C", bound="Command")


class InvalidCommand(ValueError):
    """A field of a command has a value that is not allowed; `detail` tells the sender what to send instead."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class FieldKind(Enum):
    """The type of a command's field, for its JSON schema."""

    TEXT = "text"
    CODE = "code"
    FLAG = "flag"
    TIME = "time"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a command: its meaning for OpenAPI, its limit in characters, its choices."""

    kind: FieldKind
    meaning: str
    limit: int | None = None
    choices: tuple[str, ...] = ()
    nullable: bool = False

    def check(self, name: str, value: Any) -> None:
        """Raises InvalidCommand for a text that is empty or too long, and for a value outside the choices."""
        if self.choices and value not in self.choices:
            raise InvalidCommand(name, f"Must be one of: {', '.join(self.choices)}.")
        if self.kind is FieldKind.TEXT and value is not None:
            if not value.strip():
                raise InvalidCommand(name, "Must not be empty.")
            if len(value) > (self.limit or 0):
                raise InvalidCommand(name, f"At most {self.limit} characters; please shorten it.")


def _field(spec: FieldSpec, default: Any = dataclasses.MISSING) -> Any:
    return dataclasses.field(default=default, metadata={"spec": spec})


def text(limit: int, meaning: str, *, default: Any = dataclasses.MISSING) -> Any:
    """A text for people, of one or more lines. With the default None it is optional."""
    return _field(FieldSpec(FieldKind.TEXT, meaning, limit), default)


def code(meaning: str, limit: int | None = None, *, nullable: bool = False) -> Any:
    """A code or an id. A nullable one is required too: null has a meaning of its own."""
    return _field(FieldSpec(FieldKind.CODE, meaning, limit, nullable=nullable))


def flag(meaning: str, *, default: bool) -> Any:
    return _field(FieldSpec(FieldKind.FLAG, meaning), default)


def time(meaning: str) -> Any:
    """A time, UTC in the dataclass, with any offset in JSON."""
    return _field(FieldSpec(FieldKind.TIME, meaning))


def choice(choices: tuple[str, ...], meaning: str, *, default: str) -> Any:
    return _field(FieldSpec(FieldKind.CHOICE, meaning, choices=choices), default)


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on a transition: on the case before it, and on the command."""

    name: str
    of_case: Callable[[Case], bool] = lambda case: True
    of_command: Callable[[Any], bool] = lambda command: True


ALWAYS = Guard("")


@dataclass(frozen=True, slots=True)
class Path:
    """Leads from each of the `sources` to the `target`; None keeps the state."""

    sources: tuple[str, ...]
    target: str | None
    guard: Guard = ALWAYS


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """Everything that the parts of routing need to know about a command.

    `name` is its name in the HTTP path and in the history; `command` is its class, which the decorator fills in.
    The command publishes an `event` of this class; None if another service publishes it, or if only colleagues hear of
    it. `permission` is the action that a grant must contain, and `by` the actor. `keeps` lists the kinds of promises
    that the command fulfils; with `voids_promises`, a promise that is not yet due becomes void instead.
    `officer_message` is the `word` of the private message with the officer's text, if there is one. With
    `leaves_answer`, an officer's command is no reaction to what the resident wrote, so that task stays open.
    """

    name: str
    paths: tuple[Path, ...]
    event: type[Any] | None = None
    audit_action: str = ""
    permission: Action = Action.CASE_WORK
    by: str = OFFICER
    keeps: tuple[str, ...] = ()
    voids_promises: bool = False
    officer_message: str | None = None
    leaves_answer: bool = False
    command: type[Any] = object

    @property
    def event_time(self) -> str:
        """The field of a `Concern...` event with the time of the command: ConcernReferred has `referred_at`."""
        return "" if self.event is None else f"{self.event.__name__.removeprefix('Concern').lower()}_at"

    @property
    def ends_silence(self) -> bool:
        """True if the resident gets an answer from an officer."""
        return self.by == OFFICER and bool(self.keeps or self.officer_message)

    @property
    def settles_answer(self) -> bool:
        """True if the command is an officer's reaction to what the resident wrote last."""
        return self.by == OFFICER and not self.leaves_answer

    @property
    def summary(self) -> str:
        """The first line of the class's docstring, without the full stop."""
        return (self.command.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def fields(self) -> Mapping[str, tuple[FieldSpec, Any]]:
        """The fields by name, each with its default or `dataclasses.MISSING`."""
        return {field.name: (field.metadata["spec"], field.default) for field in dataclasses.fields(self.command)}


class Command:
    """The base of all commands. A field beyond its limits raises InvalidCommand."""

    __slots__ = ()
    spec: ClassVar[CommandSpec]

    def __post_init__(self) -> None:
        for name, (spec, _) in self.spec.fields.items():
            spec.check(name, getattr(self, name))


COMMAND_SPECS: dict[str, CommandSpec] = {}
"""The spec of each command by its name, in the order of the classes in `commands`."""


@dataclass_transform(frozen_default=True, field_specifiers=(text, code, flag, time, choice))
def command(spec: CommandSpec) -> Callable[[type[C]], type[C]]:
    """Make a class the frozen dataclass of a command, and list its spec."""

    def declare(cls: type[C]) -> type[C]:
        declared = dataclass(frozen=True, slots=True)(cls)
        declared.spec = COMMAND_SPECS[spec.name] = dataclasses.replace(spec, command=declared)
        return declared

    return declare
