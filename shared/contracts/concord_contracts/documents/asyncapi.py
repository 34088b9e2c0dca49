"""The AsyncAPI 3.0 document of the bus, with AMQP bindings, from the catalogue."""

from collections.abc import Iterable, Mapping
from typing import Any

from concord_contracts.catalogue import CATALOGUE, MessageType
from concord_contracts.codec import CONTENT_TYPE
from concord_contracts.documents.schemas import data_schema, envelope_schema

BINDING_VERSION = "0.3.0"
DESCRIPTION = (
    "Every message of Concord: its meaning, the service that publishes it, and its exchange. You can subscribe to"
    " public events by their routing key `<type>.<area>.<category>`; `_` stands for a missing part. The document lists"
    " private messages for completeness: their data is encrypted, and no subscriber can read them. Delivery is at least"
    " once: store the ids of the events that you have handled. Events of one concern and one source are in order, by"
    " `sequence`."
)


def asyncapi(version: str = "1", kinds: Iterable[MessageType] = tuple(CATALOGUE.values())) -> dict[str, Any]:
    """Return the document as JSON values."""
    kinds = list(kinds)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Concord events", "version": version, "description": DESCRIPTION},
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "broker": {
                "host": "broker.example.org:5671",
                "protocol": "amqps",
                "protocolVersion": "0.9.1",
                "description": "The city's RabbitMQ. `concord subscriber add` prints its address with your login.",
                "security": [{"$ref": "#/components/securitySchemes/login"}],
            }
        },
        "channels": {kind.name: _channel(kind) for kind in kinds},
        "operations": {f"send.{kind.name}": _operation(kind) for kind in kinds},
        "components": {
            "securitySchemes": {"login": {"type": "userPassword", "description": "a login of the city's broker"}},
            "messages": {kind.name: _message(kind) for kind in kinds},
            "schemas": {kind.name: data_schema(kind) for kind in kinds},
        },
    }


def _channel(kind: MessageType) -> dict[str, Any]:
    return {
        "address": f"{kind.name}.{{area}}.{{category}}",
        "title": kind.name,
        "description": kind.description,
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"}},
        "parameters": {
            "area": {"description": "code of the area of the place; `_` when it is unknown"},
            "category": {"description": "category code of the city; `_` for none"},
        },
        "bindings": {"amqp": _exchange(kind)},
    }


def _exchange(kind: MessageType) -> Mapping[str, Any]:
    exchange = {"name": kind.exchange, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    return {"is": "routingKey", "exchange": exchange, "bindingVersion": BINDING_VERSION}


def _operation(kind: MessageType) -> dict[str, Any]:
    channel = f"#/channels/{kind.name}"
    return {
        "action": "send",
        "title": f"{kind.owner} publishes {kind.name}",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{kind.name}"}],
        "tags": [{"name": kind.owner}, {"name": "public" if kind.public else "private"}],
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": BINDING_VERSION}},
    }


def _message(kind: MessageType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "title": kind.name,
        "summary": kind.description.splitlines()[0],
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": envelope_schema(kind, {"$ref": f"#/components/schemas/{kind.name}"}),
    }
