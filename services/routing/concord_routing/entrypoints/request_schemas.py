"""The request bodies of the commands: marshmallow schemas made from the fields of the command classes."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, fields

from concord_routing.domain.command_spec import Command, CommandSpec, FieldKind, FieldSpec
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_web.fields import MESSAGES, Choice, Flag, Instant, Strict, Text


def _code(spec: FieldSpec, **options: Any) -> fields.String:
    if spec.limit is not None:
        return Text(spec.limit, spec.meaning, **options)
    return fields.String(error_messages=MESSAGES, metadata={"description": spec.meaning, "minLength": 1}, **options)


FIELDS: Mapping[FieldKind, Callable[..., fields.Field[Any]]] = {
    FieldKind.TEXT: lambda spec, **options: Text(spec.limit, spec.meaning, **options),
    FieldKind.CODE: _code,
    FieldKind.FLAG: lambda spec, **options: Flag(spec.meaning, **options),
    FieldKind.TIME: lambda spec, **options: Instant(spec.meaning, **options),
    FieldKind.CHOICE: lambda spec, **options: Choice(spec.choices, spec.meaning, **options),
}


def _field(spec: FieldSpec, default: Any) -> fields.Field[Any]:
    if default is dataclasses.MISSING:
        return FIELDS[spec.kind](spec, required=True, allow_none=spec.nullable)
    return FIELDS[spec.kind](spec, load_default=default, allow_none=default is None)


def request_schema(spec: CommandSpec) -> type[Schema]:
    """Return the schema of a command's body."""
    members = {name: _field(*field) for name, field in spec.fields.items()}
    return Strict.from_dict(members, name=f"{spec.command.__name__}Request")


REQUEST_SCHEMAS: Mapping[str, type[Schema]] = {name: request_schema(spec) for name, spec in OFFICER_COMMANDS.items()}


def parse_command(name: str, body: Any) -> Command:
    """Return the command in a JSON body. Raises ValidationError naming the fields."""
    command: Command = OFFICER_COMMANDS[name].command(**REQUEST_SCHEMAS[name]().load(body))
    return command
