"""What a message type promises to its readers, as plain JSON, and whether a change of it keeps the promise.

`contract_of` is derived from the catalogue and the marshmallow schemas; `schemas/<type>.json` holds what was promised
when the type was first published.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from concord_contracts.catalogue import MessageType
from concord_contracts.fields import Flag, Instant, Number, OnGrid, reader_schema

Contract = dict[str, Any]

KINDS: Mapping[type, str] = {
    fields.String: "text",
    Flag: "boolean",
    fields.Integer: "integer",
    Number: "number",
    fields.Nested: "object",
    fields.List: "list",
    Instant: "instant",
}

LOWER_LIMITS = ("min_length", "minimum")
UPPER_LIMITS = ("max_length", "maximum")
FIXED = {
    "type": "type",
    "unit": "unit",
    "required": "whether it must be there",
    "nullable": "whether it may be null",
    "decimals": "precision",
}


def contract_of(kind: MessageType) -> Contract:
    """Everything about a type that its readers rely on."""
    return {
        "type": kind.name,
        "owner": kind.owner,
        "recipient": kind.recipient,
        "exchange": kind.exchange,
        "fields": _fields(reader_schema(kind.data)),
    }


def _fields(schema: Schema) -> Contract:
    return {name: _field(field) for name, field in schema.fields.items()}


def _field(field: fields.Field[Any]) -> Contract:
    about: Contract = {
        "type": KINDS[type(field)],
        "required": field.required,
        "nullable": field.allow_none,
        "unit": field.metadata.get("unit"),
    }
    for validator in field.validators:
        about |= _limits(validator)
    if isinstance(field, fields.Nested):
        about["fields"] = _fields(field.schema)
    if isinstance(field, fields.List):
        about["items"] = _field(field.inner)
    return about


def _limits(validator: object) -> Contract:
    """Raises TypeError for a validator nobody told the freezer about: its limits would go unwatched."""
    if isinstance(validator, validate.Length):
        return {"min_length": validator.min, "max_length": validator.max}
    if isinstance(validator, validate.Range):
        return {"minimum": validator.min, "maximum": validator.max}
    if isinstance(validator, validate.OneOf):
        return {"values": list(validator.choices)}
    if isinstance(validator, OnGrid):
        return {"decimals": validator.decimals}
    raise TypeError(f"teach frozen.py what {type(validator).__name__} promises")


def breaks(promised: Contract, now: Contract) -> list[str]:
    """What in `now` breaks `promised`, each as one sentence; none when every reader and every stored message copes.

    A reader may be older than the writer, and may be given messages that are older than itself. So a field may
    neither go nor change nor become required; a new one must not be required. Wider limits and further values are
    allowed: bring out the readers before the writers.
    """
    return [
        *(
            f"{name} was {promised[name]!r} and is {now[name]!r}"
            for name in ("type", "owner", "recipient", "exchange")
            if promised[name] != now[name]
        ),
        *_broken_fields(promised["fields"], now["fields"], ""),
    ]


def _broken_fields(promised: Contract, now: Contract, prefix: str) -> Iterator[str]:
    for name, before in promised.items():
        if name in now:
            yield from _broken_field(before, now[name], f"{prefix}{name}")
        else:
            yield f"field {prefix}{name} is gone"
    for name, added in now.items():
        if name not in promised and added["required"]:
            yield f"field {prefix}{name} is new and required, but messages already sent do not have it"


def _broken_field(before: Contract, now: Contract, name: str) -> Iterator[str]:
    for key, meaning in FIXED.items():
        if before.get(key) != now.get(key):
            yield f"field {name}: {meaning} was {before.get(key)!r} and is {now.get(key)!r}"
    for key in LOWER_LIMITS:
        if _bound(now, key, float("-inf")) > _bound(before, key, float("-inf")):
            yield f"field {name}: {key} was raised from {before.get(key)} to {now[key]}"
    for key in UPPER_LIMITS:
        if _bound(now, key, float("inf")) < _bound(before, key, float("inf")):
            yield f"field {name}: {key} was lowered from {before.get(key)} to {now[key]}"
    yield from _broken_values(before.get("values"), now.get("values"), name)
    yield from _broken_fields(before.get("fields", {}), now.get("fields", {}), f"{name}.")
    if "items" in before and "items" in now:
        yield from _broken_field(before["items"], now["items"], f"{name}[]")


def _broken_values(before: list[str] | None, now: list[str] | None, name: str) -> Iterator[str]:
    if before is None and now is not None:
        yield f"field {name}: was free and is limited to certain values"
    for value in before or []:
        if now is not None and value not in now:
            yield f"field {name}: the value {value!r} is gone"


def _bound(field: Contract, key: str, unlimited: float) -> float:
    value = field.get(key)
    return unlimited if value is None else float(value)
