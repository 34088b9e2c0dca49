"""Routes of the ops page. They need no login, as `/metrics` does not: every figure is safe to publish."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from orjson import Fragment

from concord_metrics.ops.event_stream import TooManyViewers
from concord_metrics.ops.publisher import OpsPublisher
from concord_web import Problem, Request, Response, http, json_response, service_unavailable, stream_response

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def _static() -> Mapping[str, tuple[bytes, str, str]]:
    """Content, media type and entity tag of each file by its name."""
    contents = {}
    for file in files("concord_metrics.ops").joinpath("static").iterdir():
        data, kind = file.read_bytes(), CONTENT_TYPES.get(file.name.rpartition(".")[2])
        if kind:
            contents[file.name] = (data, kind, f'"{hashlib.sha256(data).hexdigest()[:16]}"')
    return contents


STATIC = _static()


def too_many_viewers(error: TooManyViewers) -> Problem:
    return service_unavailable("The event stream has its largest number of viewers. Poll /ops/state instead.", 30)


class OpsRoutes:
    """Mixin of the service class, which has an `OpsPublisher` as `publisher`."""

    publisher: OpsPublisher | Any

    @http(
        "GET",
        "/ops",
        summary="The ops page",
        tags=["ops"],
        responses={200: "The page."},
        response_type="text/html",
    )
    def get_ops(self, request: Request) -> Response:
        return _file("ops.html", request)

    @http("GET", "/ops/assets/{name}", hidden=True)
    def get_ops_asset(self, request: Request) -> Response:
        name = request.params["name"]
        if name not in STATIC or name.endswith(".html"):
            raise Problem(404, detail="There is no such asset.")
        return _file(name, request)

    @http(
        "GET",
        "/ops/map",
        summary="The city's areas as SVG paths, and the names of areas, categories and teams",
        tags=["ops"],
        responses={200: "Names and SVG paths; no areas before the map is ready, or without a configured city."},
    )
    def get_ops_map(self, request: Request) -> Response:
        return json_response(Fragment(self.publisher.map))

    @http(
        "GET",
        "/ops/state",
        summary="The current content of the ops page",
        tags=["ops"],
        responses={200: "The parts `city`, `latest` and `platform`."},
    )
    def get_ops_state(self, request: Request) -> Response:
        return json_response(self.publisher.state())

    @http("GET", "/ops/feed", hidden=True)  # hidden: a client that tries every path of the OpenAPI document would hang
    def get_ops_feed(self, request: Request) -> Response:
        """Stream the same as server-sent events.

        An event has the name of a part and carries the whole part, at the start and after each change; `beat` events
        come in between. A new connection starts with all parts, so it needs no Last-Event-ID.
        """
        viewer = self.publisher.stream.watch(lambda: request.stopping)
        return stream_response(viewer, "text/event-stream", headers={"X-Accel-Buffering": "no"})


def _file(name: str, request: Request) -> Response:
    data, kind, tag = STATIC[name]
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if request.headers.get("if-none-match") == tag:
        return Response(status=304, headers=headers)
    return Response(data, headers=headers, content_type=kind)
