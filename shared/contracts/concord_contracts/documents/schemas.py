"""JSON Schemas (draft 2020-12) of the messages, from their marshmallow schemas."""

from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from concord_contracts.catalogue import MessageType
from concord_contracts.codec import SEALED
from concord_contracts.fields import reader_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string", "minLength": 1, "maxLength": 256}
MOMENT = {"type": "string", "format": "date-time"}

ATTRIBUTES: Mapping[str, Mapping[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": TEXT | {"description": "unique for each event; the same at a redelivery"},
    "source": TEXT | {"description": "/concord/ and the name of the service that published it"},
    "type": TEXT | {"description": "type of the message, with its version"},
    "time": MOMENT | {"description": "when it happened, UTC"},
    "dataschema": {"type": "string", "format": "uri", "description": "URL of the schema of data"},
    "datacontenttype": TEXT | {"description": "media type of data"},
    "partitionkey": TEXT | {"description": "the concern; only events of one concern are in order"},
    "sequence": {
        "type": "string",
        "pattern": "^[0-9]{1,18}$",
        "description": "rises with each event of one concern from one source; with leading zeros",
    },
    "correlationid": TEXT | {"description": "the same for all events that follow from one action of a person"},
    "causationid": TEXT | {"description": "id of the event that caused this one"},
    "traceparent": TEXT | {"description": "W3C trace context"},
    "recordedtime": MOMENT | {"description": "when Concord recorded an imported fact, UTC"},
}
OPTIONAL = {"dataschema", "datacontenttype", "causationid", "traceparent", "recordedtime"}


def data_schema(kind: MessageType) -> dict[str, Any]:
    """Return the schema of a type's `data`, for a private type the decrypted one.

    The schema allows unknown fields, because readers ignore them.
    """
    schema: dict[str, Any] = _converter().schema2jsonschema(reader_schema(kind.data))
    for field in kind.fields():
        if field.unit:
            about = _nested_schema(schema, field.name)
            about["description"] = f"{field.meaning} ({field.unit})"
    return _open(schema)


def schema_document(kind: MessageType, url: str) -> dict[str, Any]:
    """Return `data_schema` as a document with the address `url`."""
    note = "" if kind.public else f" It travels encrypted, for {kind.recipient} alone; this is the decrypted content."
    head = {"$schema": DIALECT, "$id": url, "title": kind.name, "description": kind.description + note}
    return head | data_schema(kind)


def envelope_schema(kind: MessageType, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a whole event of this type; `data` is the schema of its data, or a reference to it."""
    attributes = {name: dict(about) for name, about in ATTRIBUTES.items()}
    attributes["type"] = {"const": kind.name, "description": attributes["type"]["description"]}
    attributes["source"] = {"const": kind.source, "description": attributes["source"]["description"]}
    attributes["datacontenttype"] = {"const": "application/json" if kind.public else SEALED}
    token = {"type": "string", "description": f"a Fernet token that only {kind.recipient} can open"}
    return {
        "type": "object",
        "required": [*(name for name in attributes if name not in OPTIONAL), "data"],
        "properties": {**attributes, "data": dict(data) if kind.public else token},
    }


def _converter() -> Any:
    """Return a converter that writes nested schemas in place, not as references."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: "")
    APISpec("", "", "3.1.0", plugins=[plugin])
    assert plugin.converter is not None  # made by APISpec
    return plugin.converter


def _nested_schema(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the schema of the field with this name in a FieldDescription."""
    for part in name.split("."):
        schema = schema["properties"][part.removesuffix("[]")]
        schema = schema["items"] if part.endswith("[]") else schema
    return schema


def _open(schema: dict[str, Any]) -> dict[str, Any]:
    schema.pop("additionalProperties", None)
    for inner in schema.get("properties", {}).values():
        _open(inner)
    if "items" in schema:
        _open(schema["items"])
    return schema
