"""The `data` of a message between its dataclass and plain JSON values."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError

from concord_contracts.errors import BadMessage, UnwritableMessage
from concord_contracts.fields import nested_in, reader_schema, write_instant, writer_schema
from concord_contracts.serialization import FallBackToSchema, plain_writer, recogniser


class Payload:
    """Reads and writes the data of one message class."""

    def __init__(self, data_class: type[Any]) -> None:
        self._class = data_class
        self._reader = reader_schema(data_class)
        self._writer = writer_schema(data_class)
        self._recognise = recogniser(self._reader, data_class)
        self._write_plain = plain_writer(self._writer, data_class)
        self._names = tuple(field.name for field in dataclasses.fields(data_class))

    def read(self, raw: Any) -> Any:
        """The dataclass for raw JSON data, unknown fields passed over. Raises BadMessage naming the fields."""
        try:
            return self._recognise(raw)
        except FallBackToSchema:
            pass
        try:
            values = self._reader.load(raw)
        except ValidationError as error:
            raise BadMessage(f"data breaks the schema: {describe(error.messages)}") from None
        return self._class(**{name: self._nest(name, value) for name, value in values.items()})

    def write(self, data: Any) -> dict[str, Any]:
        """The values of `data` for `write_json`. Raises UnwritableMessage naming the fields that break the contract."""
        try:
            return self._write_plain(data)  # type: ignore[no-any-return]
        except FallBackToSchema:
            pass
        raw = {name: _plain(getattr(data, name)) for name in self._names}
        self.refuse(raw)
        return raw

    def refuse(self, raw: Mapping[str, Any]) -> None:
        """Raise UnwritableMessage unless `raw` keeps the contract to the letter; unknown fields are refused."""
        errors = self._writer.validate(raw)
        if errors:
            raise UnwritableMessage(f"{self._class.__name__}: {describe(errors)}")

    def _nest(self, name: str, value: Any) -> Any:
        nested = nested_in(self._reader.fields[name])
        if nested is None or value is None:
            return value
        build = nested.metadata["dataclass"]
        return tuple(build(**each) for each in value) if isinstance(value, list) else build(**value)


_made: dict[type[Any], Payload] = {}


def payload(data_class: type[Any]) -> Payload:
    """The payload of a message class, made once."""
    if data_class not in _made:
        _made[data_class] = Payload(data_class)
    return _made[data_class]


def _plain(value: Any) -> Any:
    convert = _PLAIN.get(type(value))
    if convert is not None:
        return convert(value)
    if type(value) is tuple:
        return [_plain(each) for each in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _same(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    """A moment that has no UTC (no offset, or beyond year 9999) is written as it is: the schema then refuses it."""
    try:
        return value.isoformat() if value.tzinfo is None else write_instant(value)
    except OverflowError:
        return value.isoformat()


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    **dict.fromkeys((str, int, float, bool, type(None)), _same),
    datetime: _moment,
}


def write_json(values: Any) -> bytes:
    """JSON in UTF-8, moments as `wire.write_instant` writes them. Raises orjson.JSONEncodeError."""
    return orjson.dumps(values, option=orjson.OPT_UTC_Z)


def describe(messages: Any, prefix: str = "") -> str:
    """marshmallow's error messages as `field: what is wrong; …`, without any value of the message."""
    if isinstance(messages, dict):
        parts = (describe(each, f"{prefix}.{name}".strip(".")) for name, each in sorted(messages.items()))
        return "; ".join(parts)
    return f"{prefix}: {' '.join(str(each) for each in messages)}"
