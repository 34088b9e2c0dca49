"""The OpenAPI 3.1 document, built from the routes so that the two agree."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any, ClassVar

import marshmallow
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from concord_web.extension import HttpRoute, http
from concord_web.problem import PROBLEM_TYPE, phrase
from concord_web.request import Request
from concord_web.response import Response, json_response
from concord_web.router import Route

_TEXT = {"type": "string"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What to do about it."},
        "instance": {"type": "string", "format": "uri-reference", "description": "Id to report."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": _TEXT, "detail": _TEXT},
            },
        },
    },
}
_ALWAYS = (400, 414, 429, 431, 500, 503)
"""Every operation may refuse a malformed or overlong head, or a client beyond its share of connections."""


def routes_of(service_cls: type) -> list[Route]:
    """Return the `@http` routes of a service class, sorted by path."""
    found = [
        entrypoint.route
        for _, method in inspect.getmembers(service_cls, inspect.isfunction)
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if isinstance(entrypoint, HttpRoute)
    ]
    return sorted(found, key=lambda route: (route.path, route.method))


def openapi(title: str, version: str, routes: Iterable[Route], description: str = "") -> dict[str, Any]:
    """Return the document of these routes, without the hidden ones."""
    from apispec import APISpec  # imported at the first request for the document
    from apispec.ext.marshmallow import MarshmallowPlugin

    info = {"description": description} if description else {}
    spec = APISpec(title, version, "3.1.0", plugins=[MarshmallowPlugin()], info=info)
    spec.components.schema("Problem", PROBLEM_SCHEMA)
    spec.components.security_scheme("operators", {"type": "http", "scheme": "bearer"})
    for route in routes:
        if not route.doc.hidden:
            spec.path(path=route.path, operations={route.method.lower(): _operation(route)})
    document: dict[str, Any] = spec.to_dict()
    return document


def _operation(route: Route) -> dict[str, Any]:
    doc = route.doc
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "parameters": [*_path_parameters(route), *doc.parameters],
        "responses": {**_responses(route), **_problems(route)},
    }
    for member in ("summary", "description"):
        if value := getattr(doc, member):
            operation[member] = value
    if doc.tags:
        operation["tags"] = list(doc.tags)
    if doc.request is not None:
        content = {doc.request_type: {"schema": doc.request}}
        operation["requestBody"] = {"required": True, "content": content}
    if doc.secured:
        operation["security"] = [{"operators": []}]
    return operation


def _operation_id(route: Route) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in route.path).split()
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    given = {parameter.get("name") for parameter in route.doc.parameters if parameter.get("in") == "path"}
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in route.params
        if name not in given
    ]


def _responses(route: Route) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, what in (route.doc.responses or {200: None}).items():
        response: dict[str, Any] = {"description": what if isinstance(what, str) else phrase(status)}
        if _is_schema(what):
            response["content"] = {route.doc.response_type: {"schema": what}}
        elif status not in (204, 304):
            response["content"] = {route.doc.response_type: {}}
        responses[str(status)] = response
    return responses


def _is_schema(what: Any) -> bool:
    if isinstance(what, type):
        return issubclass(what, marshmallow.Schema)
    return isinstance(what, marshmallow.Schema | dict)


def _problems(route: Route) -> dict[str, Any]:
    """The problems this operation may return, except those among its own `responses`."""
    statuses = {*_ALWAYS, *route.doc.problems}
    statuses |= {404} if route.params else set()
    statuses |= {401, 403} if route.doc.secured else set()
    statuses |= {408, 413, 415, 422} if route.method in ("POST", "PUT", "PATCH") else set()
    content = {PROBLEM_TYPE: {"schema": "Problem"}}
    listed = {str(s): {"description": phrase(s), "content": content} for s in sorted(statuses)}
    own = {str(status) for status in route.doc.responses}
    return {status: response for status, response in listed.items() if status not in own}


class OpenApiRoutes:
    """Mix into a service class that has its `api_title` and `api_version`: GET /openapi.json."""

    api_title: ClassVar[str] = "Concord"
    api_version: ClassVar[str] = "1"
    api_description: ClassVar[str] = ""

    @http("GET", "/openapi.json", summary="This document", hidden=True)
    def get_openapi(self, request: Request) -> Response:
        cls = type(self)
        document = cls.__dict__.get("_openapi_document")
        if document is None:
            document = openapi(cls.api_title, cls.api_version, routes_of(cls), cls.api_description)
            setattr(cls, "_openapi_document", document)  # noqa: B010
        return json_response(document)
