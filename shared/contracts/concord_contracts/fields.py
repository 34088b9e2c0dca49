"""Declares messages: each field once, with its JSON type, its meaning and its unit.

One declaration gives both the frozen dataclass for the code and the marshmallow schema for validation, so the two
always match.
"""

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any, TypeVar, dataclass_transform

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

T = TypeVar("T")
MICROSECONDS_LENGTH = len("2026-01-31T12:00:00.000001Z")


def wire(field: fields.Field[Any], meaning: str, unit: str | None = None, *, default: Any = dataclasses.MISSING) -> Any:
    """Declare one field of a message: its JSON type, meaning and unit."""
    about = {"description": meaning} | ({"unit": unit} if unit else {})
    field.metadata = {**field.metadata, **about}
    return dataclasses.field(default=default, metadata={"wire": field})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(wire,))
def message(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass with keyword-only fields."""
    return dataclasses.dataclass(frozen=True, slots=True, kw_only=True)(cls)


class Instant(fields.AwareDateTime):
    """A timestamp of RFC 3339. Readers get UTC; writers write `Z`."""

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
    """JSON's `true` or `false`. It rejects values such as 1, which marshmallow's Boolean accepts."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Number(fields.Float):
    """A JSON number. It rejects texts, which marshmallow's Float accepts."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class OnGrid(validate.Validator):
    """Allows at most `decimals` digits after the point, so that the number cannot reveal an exact place."""

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals

    def __call__(self, value: float) -> float:
        if round(value, self.decimals) != value:
            raise ValidationError(f"Must not have more than {self.decimals} decimals.")
        return value


class OutOfRange(ValueError):
    """A timestamp whose time in UTC is before the year 1 or after the year 9999."""


class NoOffset(ValueError):
    """A timestamp without an offset from UTC. Its time zone is unknown."""


RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""The only form of an instant: ISO 8601 has many more, such as week dates, and readers differ about them."""
LOCAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
"""A date and time of somebody's clocks, without an offset."""


def read_instant(text: str) -> datetime:
    """Return the UTC time of an RFC 3339 text, with a `T` and a `Z` in capitals.

    Raises ValueError; NoOffset for a text without an offset, OutOfRange for a time without a year in UTC.
    """
    if not _as_written_by_us(text) and RFC3339.fullmatch(text) is None:
        raise NoOffset("no offset from UTC") if LOCAL_TIME.fullmatch(text) else ValueError("not an RFC 3339 time")
    instant = datetime.fromisoformat(text)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:  # in UTC it would be before year 1 or after year 9999
        raise OutOfRange("out of range") from error


def _as_written_by_us(text: str) -> bool:
    """Return whether a text that `fromisoformat` accepts is RFC 3339: true only for two common forms in UTC.

    One slice has all separators. It takes a fifth of the time of the regular expression.
    """
    separators = text[4:20:3]
    common = (separators == "--T::." and len(text) == MICROSECONDS_LENGTH) or separators == "--T::Z"
    return common and text[-1] == "Z" and text[11:13] != "24"


def write_instant(moment: datetime) -> str:
    """Return an aware datetime as text in UTC, such as `2026-11-22T18:20:00.500000Z`."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[:-6] + "Z"


def text(maximum: int = 64, *, optional: bool = False) -> fields.String:
    """Declare a text of 1 to `maximum` characters. An `optional` one can be null, but not absent."""
    return fields.String(required=True, allow_none=optional, validate=validate.Length(min=1, max=maximum))


def one_of(*values: str) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(values))


def later_text(maximum: int = 64) -> fields.String:
    """Declare a text that a later version added. In older messages it is absent, and readers get None."""
    return fields.String(
        required=False, allow_none=True, load_default=None, validate=validate.Length(min=1, max=maximum)
    )


def later_one_of(*values: str) -> fields.String:
    """Declare one of some texts that a later version added. In older messages it is absent, and readers get None."""
    return fields.String(required=False, allow_none=True, load_default=None, validate=validate.OneOf(values))


def instant(*, optional: bool = False) -> Instant:
    return Instant(required=True, allow_none=optional)


def later_instant() -> Instant:
    """Declare a timestamp that a later version added. In older messages it is absent, and readers get None."""
    return Instant(required=False, allow_none=True, load_default=None)


def flag() -> Flag:
    return Flag(required=True)


def count(minimum: int = 0) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=minimum))


def rating() -> fields.Integer:
    """Declare an integer from 1 to 5, or null without an answer."""
    return fields.Integer(required=True, strict=True, allow_none=True, validate=validate.Range(min=1, max=5))


def degrees(limit: int, decimals: int | None = None) -> Number:
    """Declare degrees from -`limit` to `limit`, with at most `decimals` digits after the point if given."""
    within = validate.Range(min=-limit, max=limit)
    return Number(required=True, allow_nan=False, validate=[within] if decimals is None else [within, OnGrid(decimals)])


def point(of: type[Any], *, optional: bool = True) -> fields.Nested:
    """Declare a nested message, such as a point."""
    return fields.Nested(schema_class(of), required=True, allow_none=optional, metadata={"dataclass": of})


def several(of: type[Any], maximum: int) -> fields.List[Any]:
    """Declare a list of 1 to `maximum` nested messages, which is a tuple in the dataclass."""
    item = fields.Nested(schema_class(of), metadata={"dataclass": of})
    return fields.List(item, required=True, validate=validate.Length(min=1, max=maximum))


def nested_in(field: fields.Field[Any]) -> fields.Nested | None:
    """Return the field of the nested message, if any, in a field or in a list field."""
    inner = field.inner if isinstance(field, fields.List) else field
    return inner if isinstance(inner, fields.Nested) else None


def schema_class(message_class: type[Any]) -> type[Schema]:
    """Return the marshmallow schema of a message class."""
    declared = {field.name: field.metadata["wire"] for field in dataclasses.fields(message_class)}
    return Schema.from_dict(declared, name=message_class.__name__)


def reader_schema(message_class: type[Any]) -> Schema:
    """Return a reader's schema. It ignores unknown fields, because a compatible change adds some."""
    return _tolerant(schema_class(message_class)(unknown=EXCLUDE))


def _tolerant(schema: Schema) -> Schema:
    """Set `unknown` on nested schemas too: marshmallow does not pass it on."""
    for nested in filter(None, map(nested_in, schema.fields.values())):
        nested.unknown = EXCLUDE
        _tolerant(nested.schema)
    return schema


def writer_schema(message_class: type[Any]) -> Schema:
    """Return a writer's schema. It rejects fields that are not in the contract."""
    return schema_class(message_class)(unknown=RAISE)
