"""Which method answers which path."""

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
    """What OpenAPI says of an operation. Schemas are marshmallow schema classes or instances.

    `responses` maps a status to a schema, to a sentence, or to None; `problems` are statuses beyond those
    every operation can answer. `parameters` are OpenAPI parameter objects (path parameters are added).
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
    """`path` as written: `/v1/cases/{id}`, `/v1/concerns:batch`, `/requests/{id}.{format}`.

    `max_body` in bytes replaces the server's limit; `stream` takes a body of any length, read as lines.
    """

    method: str
    path: str
    max_body: int | None = None
    stream: bool = False
    doc: Doc = field(default_factory=Doc)

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or re.search(r"[\s?#]", self.path):
            raise ValueError(f"route path {self.path!r} must begin with a slash and hold no query")
        if not re.fullmatch(r"[A-Z]+", self.method):
            raise ValueError(f"route method {self.method!r} must be in capitals")
        if len(set(self.params)) != len(self.params) or "{" in _PARAM.sub("", self.path):
            raise ValueError(f"route path {self.path!r} has a malformed or repeated parameter")

    @property
    def params(self) -> tuple[str, ...]:
        return tuple(_PARAM.findall(self.path))


class _Pattern:
    """The path of one or more routes, segment by segment."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.segments = [_segment(each) for each in path.split("/")[1:]]
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
    """Literal paths win over parameters; HEAD is answered by GET."""

    def __init__(self, routes: Iterable[Route]) -> None:
        patterns: dict[str, _Pattern] = {}
        for route in routes:
            pattern = patterns.setdefault(_PARAM.sub("{}", route.path), _Pattern(route.path))
            if pattern.path != route.path:
                raise ValueError(f"name the parameters of {route.path} as in {pattern.path}")
            if route.method in pattern.routes:
                raise ValueError(f"two methods answer {route.method} {route.path}")
            pattern.routes[route.method] = route
        self._exact = {p.path: p for p in patterns.values() if "{" not in p.path}
        self._by_length: dict[int, list[_Pattern]] = {}
        for pattern in sorted(patterns.values(), key=lambda p: (-p.literal, p.path)):
            self._by_length.setdefault(len(pattern.segments), []).append(pattern)

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """The route and its decoded parameters. Raises Problem 404, 405 with Allow, 400 for a bad path."""
        pattern = self._exact.get(path)
        params: Mapping[str, str] = {}
        if pattern is None:
            pattern, params = self._search(path)
        route = pattern.routes.get(method)
        if route is None and method == "HEAD":
            route = pattern.routes.get("GET")
        if route is None:
            allow = allowed(pattern.routes)
            raise Problem(405, detail=f"Use one of {allow} here.", headers={"Allow": allow})
        return route, params

    def _search(self, path: str) -> tuple[_Pattern, dict[str, str]]:
        segments = [decode_segment(each) for each in path.split("/")[1:]]
        for pattern in self._by_length.get(len(segments), ()):
            params = pattern.match(segments)
            if params is not None:
                return pattern, params
        raise Problem(404, detail="There is nothing at this address.")


def allowed(methods: Iterable[str]) -> str:
    """The value of Allow for these methods, with the ones answered for free."""
    every = {*methods, "OPTIONS"}
    return ", ".join(sorted(every | {"HEAD"} if "GET" in every else every))
