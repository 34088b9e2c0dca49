"""A fast path that validates ordinary data without marshmallow.

marshmallow defines what is valid. It takes about 4 microseconds a field, and a service reads and writes thousands of
valid messages a second. So this module derives checks from the schema's own fields. A check accepts only data of which
it is certain, and returns the same value as marshmallow. It raises FallBackToSchema for all other data.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from marshmallow import Schema, fields, validate

from concord_contracts.fields import Flag, Instant, Number, OnGrid, read_instant


class FallBackToSchema(Exception):
    """The fast path cannot decide: use marshmallow."""


Check = Callable[[Any], Any]
CheckFactory = Callable[[fields.Field[Any], bool], Check]


def fast_reader(schema: Schema, build: Callable[..., Any]) -> Check:
    """Return a function from raw JSON data to `build(**values)`. It raises FallBackToSchema."""
    checks = [(name, _check(field, writing=False)) for name, field in schema.fields.items()]

    def read(raw: Any) -> Any:
        if type(raw) is not dict:
            raise FallBackToSchema
        try:
            return build(**{name: check(raw[name]) for name, check in checks})
        except KeyError as missing:
            raise FallBackToSchema from missing

    return read


def fast_writer(schema: Schema, data_class: type[Any]) -> Check:
    """Return a function from an instance of `data_class` to JSON values. It raises FallBackToSchema.

    Timestamps stay datetimes, in UTC, because orjson writes them fastest.
    """
    names = [field.name for field in dataclass_fields(data_class)]
    values_of = attrgetter(*names)
    checks = [_check(schema.fields[name], writing=True) for name in names]

    def write(data: Any) -> dict[str, Any]:
        if type(data) is not data_class:
            raise FallBackToSchema
        return {name: check(value) for name, check, value in zip(names, checks, values_of(data), strict=True)}

    return write


def _check(field: fields.Field[Any], *, writing: bool) -> Check:
    check = _FACTORIES.get(type(field), _unknown)(field, writing)
    return _or_none(check) if field.allow_none else check


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _unknown(field: fields.Field[Any], writing: bool) -> Check:
    def fall_back(value: Any) -> Any:
        raise FallBackToSchema

    return fall_back


def _text(field: fields.Field[Any], writing: bool) -> Check:
    minimum, maximum = 0, float("inf")
    choices: frozenset[str] = frozenset()
    for validator in field.validators:
        if isinstance(validator, validate.Length) and validator.equal is None:
            minimum, maximum = validator.min or 0, validator.max or maximum
        elif isinstance(validator, validate.OneOf):
            choices = frozenset(validator.choices)
        else:
            return _unknown(field, writing)

    def check_length(value: Any) -> str:
        if type(value) is not str or not minimum <= len(value) <= maximum:
            raise FallBackToSchema
        return value

    def check_choice(value: Any) -> str:
        if type(value) is not str or value not in choices:
            raise FallBackToSchema
        return value

    return check_choice if choices else check_length


def _number(kinds: tuple[type, ...], convert: type) -> CheckFactory:
    def factory(field: fields.Field[Any], writing: bool) -> Check:
        low, high = float("-inf"), float("inf")
        decimals: int | None = None
        for validator in field.validators:
            if isinstance(validator, OnGrid):
                decimals = validator.decimals
                continue
            if not isinstance(validator, validate.Range) or not (validator.min_inclusive and validator.max_inclusive):
                return _unknown(field, writing)
            low = low if validator.min is None else validator.min
            high = high if validator.max is None else validator.max

        def check(value: Any) -> Any:
            if type(value) not in kinds or not low <= value <= high:
                raise FallBackToSchema
            if decimals is not None and round(value, decimals) != value:
                raise FallBackToSchema
            return convert(value)

        return check

    return factory


def _flag(field: fields.Field[Any], writing: bool) -> Check:
    def check(value: Any) -> Any:
        if type(value) is not bool:
            raise FallBackToSchema
        return value

    return check


def _instant(field: fields.Field[Any], writing: bool) -> Check:
    def read(value: Any) -> datetime:
        if type(value) is not str:
            raise FallBackToSchema
        try:
            return read_instant(value)  # as the schema's field does, whichever offset the text has
        except ValueError as error:
            raise FallBackToSchema from error

    def write(value: Any) -> datetime:
        if type(value) is not datetime or value.tzinfo is None:
            raise FallBackToSchema
        try:
            return value if value.tzinfo is UTC else value.astimezone(UTC)
        except OverflowError as error:
            raise FallBackToSchema from error

    return write if writing else read


def _nested(field: fields.Field[Any], writing: bool) -> Check:
    schema: Schema = field.schema  # type: ignore[attr-defined]
    data_class = field.metadata["dataclass"]
    return fast_writer(schema, data_class) if writing else fast_reader(schema, data_class)


def _list(field: fields.Field[Any], writing: bool) -> Check:
    """A JSON list is a tuple in the dataclass."""
    kind, inner = tuple if writing else list, _check(field.inner, writing=writing)  # type: ignore[attr-defined]
    minimum, maximum = 0, float("inf")
    for validator in field.validators:
        if not isinstance(validator, validate.Length) or validator.equal is not None:
            return _unknown(field, writing)
        minimum, maximum = validator.min or 0, validator.max or maximum

    def check(value: Any) -> tuple[Any, ...]:
        if type(value) is not kind or not minimum <= len(value) <= maximum:
            raise FallBackToSchema
        return tuple(map(inner, value))

    return check


_FACTORIES: Mapping[type, CheckFactory] = {
    fields.String: _text,
    Flag: _flag,
    fields.Integer: _number((int,), int),
    Number: _number((float, int), float),
    fields.Nested: _nested,
    fields.List: _list,
    Instant: _instant,
}
