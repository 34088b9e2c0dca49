"""GET /contracts, /asyncapi.json and /schemas/<type>.json: the documents that `dataschema` names.

The routes import apispec and Jinja2 at the first request, because most processes never need them.
"""

from functools import cache

from concord_contracts.catalogue import CATALOGUE
from concord_web.extension import http
from concord_web.problem import Problem
from concord_web.request import Request
from concord_web.response import Response, json_response, text_response

SCHEMA_TYPE = "application/schema+json"
CACHE_ONE_HOUR = {"Cache-Control": "public, max-age=3600"}


class ContractRoutes:
    """Mix into a service class."""

    @http(
        "GET",
        "/contracts",
        summary="All messages, as an HTML page",
        tags=["contracts"],
        responses={200: "The page."},
        response_type="text/html",
    )
    def get_contracts(self, request: Request) -> Response:
        from concord_contracts.documents import POLICY

        headers = {**CACHE_ONE_HOUR, "Content-Security-Policy": POLICY}
        return text_response(_page(), headers=headers, content_type="text/html; charset=utf-8")

    @http(
        "GET",
        "/asyncapi.json",
        summary="All messages, as AsyncAPI 3.0 with AMQP bindings",
        tags=["contracts"],
        responses={200: "The document."},
    )
    def get_asyncapi(self, request: Request) -> Response:
        from concord_contracts.documents import asyncapi

        return json_response(asyncapi(), headers=CACHE_ONE_HOUR)

    @http(
        "GET",
        "/schemas/{type}.json",
        summary="JSON Schema of one message type's data",
        tags=["contracts"],
        responses={200: "The schema."},
        response_type=SCHEMA_TYPE,
    )
    def get_schema(self, request: Request) -> Response:
        from concord_contracts.documents import schema_document

        kind = CATALOGUE.get(request.params["type"])
        if kind is None:
            raise Problem(404, detail="Unknown message type. /contracts lists all types.")
        document = schema_document(kind, f"/schemas/{kind.name}.json")
        return json_response(document, headers=CACHE_ONE_HOUR, content_type=SCHEMA_TYPE)


@cache
def _page() -> str:
    from concord_contracts.documents import contracts_page

    return contracts_page()
