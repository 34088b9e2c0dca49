"""The URL router: finds the route of a method and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concord_web.problem import Problem
from concord_web.query_string import decode_segment

_PARAM = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Doc:
    """The OpenAPI description of an operation. Schemas are marshmallow schema classes or instances.

    `responses` maps a status to a schema, to a sentence, or to None. `problems` lists statuses beyond those of every
    operation. `parameters` are OpenAPI parameter objects; the path's own come from the route.
    """

    summary: str = ""
    description: str = ""
    request: Any = None
    request_type: str = "application/json"
    responses: Mapping[int, Any] = field(default_factory=dict)
    response_type: str = "application/json"
    parameters: Sequence[Mapping[str, Any]] = ()
    problems: Sequence[int] = ()
    tags: Sequence[str] = ()
    secured: bool = False
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class Route:
    """A route. Its path may be `/v1/cases/{id}`, `/v1/concerns:batch` or `/requests/{id}.{format}`.

    `max_body` in bytes replaces the server's limit. `stream` accepts a body of any length, read as lines.
    `cross_origin` lets pages of the sites in the setting `cors_origins` send requests.
    """

    method: str
    path: str
    max_body: int | None = None
    stream: bool = False
    cross_origin: bool = False
    doc: Doc = field(default_factory=Doc)

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or re.search(r"[\s?#]", self.path):
            raise ValueError(f"route path {self.path!r} must begin with a slash and contain no query")
        if not re.fullmatch(r"[A-Z]+", self.method):
            raise ValueError(f"route method {self.method!r} must be upper case")
        if len(set(self.params)) != len(self.params) or "{" in _PARAM.sub("", self.path):
            raise ValueError(f"route path {self.path!r} has a malformed or repeated parameter")

    @property
    def params(self) -> tuple[str, ...]:
        return tuple(_PARAM.findall(self.path))


class _Pattern:
    """The path of one or more routes, as segments."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.segments = [_segment(segment) for segment in path.split("/")[1:]]
        self.literal = len(_PARAM.sub("", path))
        self.routes: dict[str, Route] = {}

    def match(self, segments: list[str]) -> dict[str, str] | None:
        params: dict[str, str] = {}
        for wanted, given in zip(self.segments, segments, strict=True):
            if isinstance(wanted, str):
                if wanted != given:
                    return None
            elif (found := wanted.fullmatch(given)) is None:
                return None
            else:
                params.update(found.groupdict())
        return params


def _segment(template: str) -> str | re.Pattern[str]:
    if not _PARAM.search(template):
        return template
    parts = _PARAM.split(template)
    text = "".join(re.escape(part) if i % 2 == 0 else f"(?P<{part}>.+)" for i, part in enumerate(parts))
    return re.compile(text, re.DOTALL)


class Router:
    """Finds routes. Literal paths win over parameters; GET routes serve HEAD too."""

    def __init__(self, routes: Iterable[Route]) -> None:
        patterns: dict[str, _Pattern] = {}
        for route in routes:
            pattern = patterns.setdefault(_PARAM.sub("{}", route.path), _Pattern(route.path))
            if pattern.path != route.path:
                raise ValueError(f"name the parameters of {route.path} as in {pattern.path}")
            if route.method in pattern.routes:
                raise ValueError(f"two methods serve {route.method} {route.path}")
            pattern.routes[route.method] = route
        self._exact = {p.path: p for p in patterns.values() if "{" not in p.path}
        self._by_length: dict[int, list[_Pattern]] = {}
        for pattern in sorted(patterns.values(), key=lambda p: (-p.literal, p.path)):
            self._by_length.setdefault(len(pattern.segments), []).append(pattern)

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route and its decoded parameters. Raises Problem 404, 405 with Allow, 400 for a bad path."""
        pattern, params = self._pattern(path)
        route = pattern.routes.get(method)
        if route is None and method == "HEAD":
            route = pattern.routes.get("GET")
        if route is None:
            allow = allowed(pattern.routes)
            raise Problem(405, detail=f"Method not allowed. Use one of: {allow}.", headers={"Allow": allow})
        return route, params

    def routes_at(self, path: str) -> Mapping[str, Route]:
        """Return the routes of a path by method, none for an unknown one."""
        try:
            return self._pattern(path)[0].routes
        except Problem:
            return {}

    def _pattern(self, path: str) -> tuple[_Pattern, Mapping[str, str]]:
        pattern = self._exact.get(path)
        return self._search(path) if pattern is None else (pattern, {})

    def _search(self, path: str) -> tuple[_Pattern, dict[str, str]]:
        segments = [decode_segment(segment) for segment in path.split("/")[1:]]
        for pattern in self._by_length.get(len(segments), ()):
            params = pattern.match(segments)
            if params is not None:
                return pattern, params
        raise Problem(404, detail="No resource has this path. Check the URL; /openapi.json lists the paths.")


def allowed(methods: Iterable[str]) -> str:
    """Return the value of Allow for these methods, with OPTIONS and HEAD."""
    every = {*methods, "OPTIONS"}
    return ", ".join(sorted(every | {"HEAD"} if "GET" in every else every))
