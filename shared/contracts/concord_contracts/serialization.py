"""Judging plainly valid data without marshmallow's cost.

marshmallow is the judge of what is valid. Judging costs about 4 microseconds a field, and a service reads and writes
thousands of messages a second that are all plainly valid. So checks made from the schema's own fields accept what they
are sure about and give the very values marshmallow would; for anything else they give up, and marshmallow decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from marshmallow import Schema, fields, validate

from concord_contracts.fields import Flag, Instant, Number, OnGrid, read_instant


class FallBackToSchema(Exception):
    """Not plainly valid: ask marshmallow."""


Check = Callable[[Any], Any]
Maker = Callable[[fields.Field[Any], bool], Check]


def recogniser(schema: Schema, build: Callable[..., Any]) -> Check:
    """A function from raw JSON data to `build(**values)`; raises FallBackToSchema for all that is not plainly valid."""
    checks = [(name, _check(field, writing=False)) for name, field in schema.fields.items()]

    def recognise(raw: Any) -> Any:
        if type(raw) is not dict:
            raise FallBackToSchema
        try:
            return build(**{name: check(raw[name]) for name, check in checks})
        except KeyError as missing:
            raise FallBackToSchema from missing

    return recognise


def plain_writer(schema: Schema, data_class: type[Any]) -> Check:
    """Build a function from an instance of `data_class` to plain JSON values.

    The function raises FallBackToSchema for a value that is not plainly valid.

    Moments stay datetimes, in UTC: orjson writes them faster than we could.
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
    check = _MAKERS.get(type(field), _never)(field, writing)
    return _or_none(check) if field.allow_none else check


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _never(field: fields.Field[Any], writing: bool) -> Check:
    def unsure(value: Any) -> Any:
        raise FallBackToSchema

    return unsure


def _text(field: fields.Field[Any], writing: bool) -> Check:
    lowest, highest = 0, float("inf")
    allowed: frozenset[str] = frozenset()
    for validator in field.validators:
        if isinstance(validator, validate.Length) and validator.equal is None:
            lowest, highest = validator.min or 0, validator.max or highest
        elif isinstance(validator, validate.OneOf):
            allowed = frozenset(validator.choices)
        else:
            return _never(field, writing)

    def check_length(value: Any) -> str:
        if type(value) is not str or not lowest <= len(value) <= highest:
            raise FallBackToSchema
        return value

    def check_choice(value: Any) -> str:
        if type(value) is not str or value not in allowed:
            raise FallBackToSchema
        return value

    return check_choice if allowed else check_length


def _number(kinds: tuple[type, ...], convert: type) -> Maker:
    def maker(field: fields.Field[Any], writing: bool) -> Check:
        low, high = float("-inf"), float("inf")
        decimals: int | None = None
        for validator in field.validators:
            if isinstance(validator, OnGrid):
                decimals = validator.decimals
                continue
            if not isinstance(validator, validate.Range) or not (validator.min_inclusive and validator.max_inclusive):
                return _never(field, writing)
            low = low if validator.min is None else validator.min
            high = high if validator.max is None else validator.max

        def check(value: Any) -> Any:
            if type(value) not in kinds or not low <= value <= high:
                raise FallBackToSchema
            if decimals is not None and round(value, decimals) != value:
                raise FallBackToSchema
            return convert(value)

        return check

    return maker


def _flag(field: fields.Field[Any], writing: bool) -> Check:
    def check(value: Any) -> bool:
        if value is True or value is False:
            return bool(value)
        raise FallBackToSchema

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
    nested: Schema = field.schema  # type: ignore[attr-defined]
    data_class = field.metadata["dataclass"]
    return plain_writer(nested, data_class) if writing else recogniser(nested, data_class)


def _list(field: fields.Field[Any], writing: bool) -> Check:
    """A list on the wire is a tuple in the dataclass."""
    kind, inner = tuple if writing else list, _check(field.inner, writing=writing)  # type: ignore[attr-defined]
    lowest, highest = 0, float("inf")
    for validator in field.validators:
        if not isinstance(validator, validate.Length) or validator.equal is not None:
            return _never(field, writing)
        lowest, highest = validator.min or 0, validator.max or highest

    def check(value: Any) -> tuple[Any, ...]:
        if type(value) is not kind or not lowest <= len(value) <= highest:
            raise FallBackToSchema
        return tuple(map(inner, value))

    return check


_MAKERS: Mapping[type, Maker] = {
    fields.String: _text,
    Flag: _flag,
    fields.Integer: _number((int,), int),
    Number: _number((float, int), float),
    fields.Nested: _nested,
    fields.List: _list,
    Instant: _instant,
}
