"""Conversion of a message's `data` between its dataclass and JSON values."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError

from concord_contracts.errors import BadMessage, UnwritableMessage
from concord_contracts.fast_path import FallBackToSchema, fast_reader, fast_writer
from concord_contracts.fields import nested_in, reader_schema, write_instant, writer_schema


class Payload:
    """Reads and writes the data of one message class."""

    def __init__(self, data_class: type[Any]) -> None:
        self._class = data_class
        self._reader = reader_schema(data_class)
        self._writer = writer_schema(data_class)
        self._read_fast = fast_reader(self._reader, data_class)
        self._write_fast = fast_writer(self._writer, data_class)

    def read(self, raw: Any) -> Any:
        """Return the dataclass for raw JSON data, without unknown fields. Raises BadMessage that names the fields."""
        try:
            return self._read_fast(raw)
        except FallBackToSchema:
            pass
        try:
            values = self._reader.load(raw)
        except ValidationError as error:
            raise BadMessage(f"data breaks the schema: {describe(error.messages)}") from None
        return self._class(**{name: self._nest(name, value) for name, value in values.items()})

    def write(self, data: Any) -> dict[str, Any]:
        """Return the values of `data` for `write_json`. Raises UnwritableMessage that names the invalid fields."""
        try:
            return self._write_fast(data)  # type: ignore[no-any-return]
        except FallBackToSchema:
            pass
        raw = {field.name: _plain(getattr(data, field.name)) for field in dataclasses.fields(self._class)}
        self.validate(raw)
        return raw

    def validate(self, raw: Mapping[str, Any]) -> None:
        """Raise UnwritableMessage unless `raw` matches the contract and has no unknown field."""
        errors = self._writer.validate(raw)
        if errors:
            raise UnwritableMessage(f"{self._class.__name__}: {describe(errors)}")

    def _nest(self, name: str, value: Any) -> Any:
        nested = nested_in(self._reader.fields[name])
        if nested is None or value is None:
            return value
        build = nested.metadata["dataclass"]
        return tuple(build(**item) for item in value) if isinstance(value, list) else build(**value)


_payloads: dict[type[Any], Payload] = {}


def payload(data_class: type[Any]) -> Payload:
    """Return the payload of a message class, always the same one."""
    if data_class not in _payloads:
        _payloads[data_class] = Payload(data_class)
    return _payloads[data_class]


def _plain(value: Any) -> Any:
    if type(value) is datetime:
        return _timestamp(value)
    if type(value) is tuple:
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _timestamp(value: datetime) -> str:
    """Return the text of a timestamp. One without a UTC (no offset, or beyond year 9999) fails in the schema later."""
    try:
        return value.isoformat() if value.tzinfo is None else write_instant(value)
    except OverflowError:
        return value.isoformat()


def write_json(values: Any) -> bytes:
    """Return JSON in UTF-8, with timestamps like `fields.write_instant`. Raises orjson.JSONEncodeError."""
    return orjson.dumps(values, option=orjson.OPT_UTC_Z)


def describe(messages: Any, prefix: str = "") -> str:
    """Return marshmallow's error messages as `field: error; ...`, without any value of the message."""
    if isinstance(messages, dict):
        parts = (describe(inner, f"{prefix}.{name}".strip(".")) for name, inner in sorted(messages.items()))
        return "; ".join(parts)
    return f"{prefix}: {' '.join(map(str, messages))}"
