"""The HTTP interface as a listing: paths with methods, parameters, and every field of what goes in and comes out.

A line is, for example, `routing GET /v1/cases response 200 application/json cases[].case_id type=string required`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .described_services import descriptions

Document = Mapping[str, Any]
PROBLEM = "application/problem+json"
PROSE = {"description", "title", "summary", "example", "examples", "properties", "items", "required"}
"""Members of a JSON Schema that are text for people, or that become lines of their own."""


def http_names() -> Iterator[str]:
    for service, description in descriptions().items():
        for route in description["routes"]:
            yield f"{service} {route}"
        document = description["openapi"]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                for line in _operation(document, operation):
                    yield f"{service} {method.upper()} {path} {line}"
        for line in _fields(document, {"$ref": "#/components/schemas/Problem"}):
            yield f"{service} {PROBLEM} {line}"


def _operation(document: Document, operation: Document) -> Iterator[str]:
    if operation.get("security"):
        yield "needs a credential"
    for parameter in operation["parameters"]:
        given = _resolved(document, parameter)
        needed = " required" if given.get("required") else ""
        yield f"{given['in']} parameter {given['name']} {_limits(given.get('schema', {}))}{needed}"
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        for line in _content(document, media_type, content):
            yield f"request {line}"
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {"without content": {}}).items():
            for line in _content(document, media_type, content):
                yield f"response {status} {line}"


def _content(document: Document, media_type: str, content: Document) -> Iterator[str]:
    """The media type, then the fields; those of a problem are the same everywhere and listed once."""
    yield media_type
    if media_type != PROBLEM:
        for line in _fields(document, content.get("schema", {})):
            yield f"{media_type} {line}"


def _fields(
    document: Document, schema: Document, path: str = "", needed: str = "", seen: tuple[str, ...] = ()
) -> Iterator[str]:
    """The schema's fields with types and limits. Names of schemas are left out: they are names of our classes."""
    if (name := schema.get("$ref", "")) in seen and name:
        yield f"{path} nested again"
        return
    seen = (*seen, name) if name else seen
    schema = _resolved(document, schema)
    if path:
        yield f"{path} {_limits(schema)}{needed}"
    for name, field in schema.get("properties", {}).items():
        mark = " required" if name in schema.get("required", ()) else ""
        yield from _fields(document, field, f"{path}.{name}" if path else name, mark, seen)
    if isinstance(schema.get("items"), dict):
        yield from _fields(document, schema["items"], f"{path}[]", "", seen)
    for kind in ("additionalProperties", "anyOf", "oneOf", "allOf"):
        members = schema.get(kind, ())
        for member in [members] if isinstance(members, dict) else members or ():
            if isinstance(member, dict):
                yield from _fields(document, member, f"{path}<{kind}>", "", seen)


def _limits(schema: Document) -> str:
    limits = {name: value for name, value in schema.items() if name not in PROSE and not _holds_schemas(value)}
    return " ".join(f"{name}={_plain(value)}" for name, value in sorted(limits.items())) or "any"


def _holds_schemas(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(member, dict) for member in value))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _resolved(document: Document, schema: Document) -> Document:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
