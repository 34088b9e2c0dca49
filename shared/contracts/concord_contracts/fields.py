"""Declaring a message: each field once, with its type on the wire, its meaning and its unit.

From such a class come the frozen dataclass that the code handles and the marshmallow schema that judges what
arrives, so that the two cannot drift apart.
"""

import dataclasses
from datetime import UTC, datetime
from typing import Any, TypeVar, dataclass_transform

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

T = TypeVar("T")


def wire(field: fields.Field[Any], meaning: str, unit: str | None = None, *, default: Any = dataclasses.MISSING) -> Any:
    """One field of a message: how it is written, what it means and in which unit it is given."""
    about = {"description": meaning} | ({"unit": unit} if unit else {})
    field.metadata = {**field.metadata, **about}
    return dataclasses.field(default=default, metadata={"wire": field})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(wire,))
def message(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass whose fields are given by name."""
    return dataclasses.dataclass(frozen=True, slots=True, kw_only=True)(cls)


class Instant(fields.AwareDateTime):
    """A moment, ISO 8601 with an offset; read as UTC, written with `Z`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", default_timezone=None, **options)

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else write_instant(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            return read_instant(value)
        except NoOffset as error:
            raise self.make_error("invalid_awareness", awareness=self.AWARENESS, obj_type=self.OBJ_TYPE) from error
        except ValueError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class Flag(fields.Boolean):
    """JSON's `true` or `false`, and nothing that merely resembles them, such as 1."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Number(fields.Float):
    """A JSON number, and no text that looks like one."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class OnGrid(validate.Validator):
    """The number has at most `decimals` digits after the point, so that it cannot carry an exact place."""

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals

    def __call__(self, value: float) -> float:
        if round(value, self.decimals) != value:
            raise ValidationError(f"Must not have more than {self.decimals} decimals.")
        return value


class NoOffset(ValueError):
    """A moment without an offset from UTC could be meant in any time zone."""


def read_instant(written: str) -> datetime:
    """The moment (UTC) of an ISO 8601 text. Raises ValueError, NoOffset when it has no offset."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise NoOffset("no offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # in UTC it would be before year 1 or after year 9999
        raise ValueError("out of range") from error


def write_instant(moment: datetime) -> str:
    """`2026-11-22T18:20:00.5Z`-like text of an aware datetime, in UTC."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[:-6] + "Z"


def text(maximum: int = 64, *, optional: bool = False) -> fields.String:
    """A text of 1 to `maximum` characters; `optional` means it may be null, never absent."""
    return fields.String(required=True, allow_none=optional, validate=validate.Length(min=1, max=maximum))


def one_of(*values: str) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(values))


def instant(*, optional: bool = False) -> Instant:
    return Instant(required=True, allow_none=optional)


def later_instant() -> Instant:
    """A moment that a later version added: messages sent before do not have it, and are read as if it were null."""
    return Instant(required=False, allow_none=True, load_default=None)


def flag() -> Flag:
    return Flag(required=True)


def count(minimum: int = 0) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=minimum))


def rating() -> fields.Integer:
    """A whole number from 1 to 5; null where no answer was given."""
    return fields.Integer(required=True, strict=True, allow_none=True, validate=validate.Range(min=1, max=5))


def degrees(limit: int, decimals: int | None = None) -> Number:
    """Degrees between -`limit` and `limit`; with `decimals`, on a grid of that many digits after the point."""
    within = validate.Range(min=-limit, max=limit)
    return Number(required=True, allow_nan=False, validate=[within] if decimals is None else [within, OnGrid(decimals)])


def point(of: type[Any], *, optional: bool = True) -> fields.Nested:
    """A nested message, such as a point."""
    return fields.Nested(schema_class(of), required=True, allow_none=optional, metadata={"dataclass": of})


def several(of: type[Any], most: int) -> fields.List[Any]:
    """A list of 1 to `most` nested messages; a tuple in the dataclass."""
    each = fields.Nested(schema_class(of), metadata={"dataclass": of})
    return fields.List(each, required=True, validate=validate.Length(min=1, max=most))


def nested_in(field: fields.Field[Any]) -> fields.Nested | None:
    """The field of the message that is nested in a field, be it one or a list of them; None when none is."""
    inner = field.inner if isinstance(field, fields.List) else field
    return inner if isinstance(inner, fields.Nested) else None


def schema_class(message_class: type[Any]) -> type[Schema]:
    """The marshmallow schema of a message class."""
    declared = {field.name: field.metadata["wire"] for field in dataclasses.fields(message_class)}
    return Schema.from_dict(declared, name=message_class.__name__)


def reader_schema(message_class: type[Any]) -> Schema:
    """Readers tolerate fields they do not know: a compatible change adds some."""
    return _tolerant(schema_class(message_class)(unknown=EXCLUDE))


def _tolerant(schema: Schema) -> Schema:
    """marshmallow does not hand `unknown` on to what is nested."""
    for nested in filter(None, map(nested_in, schema.fields.values())):
        nested.unknown = EXCLUDE
        _tolerant(nested.schema)
    return schema


def writer_schema(message_class: type[Any]) -> Schema:
    """Writers may send only what the contract names."""
    return schema_class(message_class)(unknown=RAISE)
