"""The addresses of the ops page. Open to whoever reaches the port, as `/metrics` is: every figure is public-safe."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from orjson import Fragment

from concord_metrics.ops.event_stream import TooManyViewers
from concord_metrics.ops.publisher import OpsBoard
from concord_web import Problem, Request, Response, http, json_response, stream_response

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
    """Content, type and entity tag of each file by its name."""
    found = {}
    for each in files("concord_metrics.ops").joinpath("static").iterdir():
        data, kind = each.read_bytes(), CONTENT_TYPES.get(each.name.rpartition(".")[2])
        if kind:
            found[each.name] = (data, kind, f'"{hashlib.sha256(data).hexdigest()[:16]}"')
    return found


STATIC = _static()


def too_many(error: TooManyViewers) -> Problem:
    detail = "As many as can watch live do so already. Ask for /ops/state now and then instead."
    return Problem(503, detail=detail, headers={"Retry-After": "30"})


class OpsRoutes:
    """Mix into the service class, which carries an `OpsBoard` as `board`."""

    board: OpsBoard | Any

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
            raise Problem(404, detail="There is nothing at this address.")
        return _file(name, request)

    @http(
        "GET",
        "/ops/map",
        summary="The city's areas as outlines for a screen, and the names of areas, categories and teams",
        tags=["ops"],
        responses={200: "Names and SVG paths; no areas while the map is being drawn or where no city is configured."},
    )
    def get_ops_map(self, request: Request) -> Response:
        return json_response(Fragment(self.board.map))

    @http(
        "GET",
        "/ops/state",
        summary="What the ops page shows, now",
        tags=["ops"],
        responses={200: "The parts `city`, `latest` and `platform`."},
    )
    def get_ops_state(self, request: Request) -> Response:
        return json_response(self.board.state())

    @http("GET", "/ops/feed", hidden=True)  # OpenAPI cannot say "without end": who tries out every address would hang
    def get_ops_feed(self, request: Request) -> Response:
        """The same, live, as server-sent events: one for each part when it changes, named like it, with the whole part;
        `beat` while nothing changes. A connection begins with all parts, so Last-Event-ID is not needed."""
        viewer = self.board.feed.watch(lambda: request.stopping)
        return stream_response(viewer, "text/event-stream", headers={"X-Accel-Buffering": "no"})


def _file(name: str, request: Request) -> Response:
    data, kind, tag = STATIC[name]
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if request.headers.get("if-none-match") == tag:
        return Response(status=304, headers=headers)
    return Response(data, headers=headers, content_type=kind)
