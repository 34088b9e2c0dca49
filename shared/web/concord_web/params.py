"""Query parameters: one declaration parses a request and describes the parameter in OpenAPI.

    STATE = params.one_of("state", STATES, "state of the notices").with_default("failed")
    QUERY = params.Parameters(STATE, params.code("area", "code of an area"))

    @http("GET", "/v1/deliveries", parameters=QUERY.openapi())
    def get_deliveries(self, request):
        values = QUERY.read(request)
        state = values[STATE]

An empty value counts as absent. An unknown or repeated parameter is an error.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from concord_contracts.fields import read_instant
from concord_web.problem import Problem
from concord_web.query_string import Query, field_problem
from concord_web.request import Request

T = TypeVar("T")
V = TypeVar("V")
CODE_LENGTH = 64
LARGEST = 2**53
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNESCAPED_PLUS = re.compile(r" (\d{2}:\d{2})$")


@dataclass(frozen=True, eq=False)
class Parameter(Generic[T]):
    """One query parameter. `parse` raises ValueError with the text of the error, such as "Must be a date."

    `alias` is a deprecated name that still works.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    parse: Callable[[str], T]
    default: T
    alias: str | None = None

    def with_default(self: Parameter[V | None], default: V) -> Parameter[V]:
        """Return the parameter with a value for requests that leave it out."""
        parse: Any = self.parse
        schema = {**self.schema, "default": default}
        return Parameter(self.name, self.description, schema, parse, default, self.alias)

    def with_alias(self, alias: str) -> Parameter[T]:
        """Return the parameter with a deprecated second name."""
        return replace(self, alias=alias)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,) if self.alias is None else (self.name, self.alias)

    def openapi(self) -> list[Mapping[str, Any]]:
        """Return the OpenAPI parameter objects: one for each name."""
        found: list[Mapping[str, Any]] = [_openapi("query", self.name, self.description, self.schema)]
        if self.alias is not None:
            found.append({**_openapi("query", self.alias, f"use `{self.name}`", self.schema), "deprecated": True})
        return found


class Parameters:
    """The query parameters of a route."""

    def __init__(self, *parameters: Parameter[Any]) -> None:
        self._parameters = parameters
        self._names = tuple(name for parameter in parameters for name in parameter.names)

    def openapi(self) -> list[Mapping[str, Any]]:
        return [described for parameter in self._parameters for described in parameter.openapi()]

    def read(self, request: Request) -> Values:
        """Parse the query. Raises Problem 400 naming an unknown, repeated or invalid parameter."""
        self._check_names(request.query)
        return Values({parameter: _read(parameter, request.query) for parameter in self._parameters})

    def _check_names(self, query: Query) -> None:
        for name in query:
            if name not in self._names:
                known = ", ".join(parameter.name for parameter in self._parameters) or "none"
                raise field_problem(name, f"Unknown parameter. Known parameters: {known}.")
            if len(query.all(name)) > 1:
                raise field_problem(name, "Must be given only once.")


class Values:
    """The values of a request: `values[STATE]` has the type of the parameter STATE."""

    def __init__(self, found: Mapping[Parameter[Any], tuple[str, Any]]) -> None:
        self._found = found

    def __getitem__(self, parameter: Parameter[T]) -> T:
        value: T = self._found[parameter][1]
        return value

    def problem(self, parameter: Parameter[Any], detail: str) -> Problem:
        """Return a Problem 400 that names the parameter as the client sent it."""
        return field_problem(self._found[parameter][0], detail)


def _read(parameter: Parameter[T], query: Query) -> tuple[str, T]:
    given = [(name, value) for name in parameter.names if (value := query.arg(name)) is not None]
    if not given:
        return parameter.name, parameter.default
    name, value = given[-1]
    if len(given) > 1:
        raise field_problem(name, f"Give {parameter.name} or {name}, not both.")
    try:
        return name, parameter.parse(value)
    except ValueError as error:
        raise field_problem(name, str(error)) from None


def text(name: str, description: str, *, max_length: int = 1000, pattern: str | None = None) -> Parameter[str | None]:
    """A printable text; `pattern` is a regular expression for the whole of it."""
    schema = {"type": "string", "maxLength": max_length} | ({"pattern": f"^(?:{pattern})$"} if pattern else {})

    def parse(value: str) -> str:
        if len(value) > max_length or not value.isprintable():
            raise ValueError(f"Must have at most {max_length} characters and no control characters.")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            raise ValueError(f"Must match {pattern}.")
        return value

    return Parameter(name, description, schema, parse, None)


def code(name: str, description: str) -> Parameter[str | None]:
    """A code of the city's configuration, such as an area or a category; an unknown code finds nothing."""
    return text(name, description, max_length=CODE_LENGTH)


def one_of(name: str, choices: Sequence[str], description: str) -> Parameter[str | None]:
    """One of a fixed set of values."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"Must be one of: {', '.join(choices)}.")
        return value

    return Parameter(name, description, {"type": "string", "enum": list(choices)}, parse, None)


def integer(name: str, description: str, *, least: int = 0, most: int = LARGEST) -> Parameter[int | None]:
    """A whole number between `least` and `most`, both included."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,16}", value) or not least <= int(value) <= most:
            raise ValueError(f"Must be a whole number from {least} to {most}.")
        return int(value)

    return Parameter(name, description, {"type": "integer", "minimum": least, "maximum": most}, parse, None)


def date(name: str, description: str) -> Parameter[dt.date | None]:
    """A calendar date, such as 2026-11-22."""

    def parse(value: str) -> dt.date:
        try:
            if _DATE.fullmatch(value):
                return dt.date.fromisoformat(value)
        except ValueError:
            pass
        raise ValueError("Must be a date, such as 2026-11-22.")

    return Parameter(name, description, {"type": "string", "format": "date"}, parse, None)


def instant(name: str, description: str) -> Parameter[dt.datetime | None]:
    """A time with its offset from UTC, read as UTC. A `+` that the client did not escape arrives as a space."""

    def parse(value: str) -> dt.datetime:
        try:
            return read_instant(_UNESCAPED_PLUS.sub(r"+\1", value))
        except ValueError:
            raise ValueError("Must be a time with its offset from UTC, such as 2026-03-01T00:00:00Z.") from None

    return Parameter(name, description, {"type": "string", "format": "date-time"}, parse, None)


def header(name: str, description: str, *, required: bool = False, **schema: Any) -> Mapping[str, Any]:
    """Describe a request header for OpenAPI; `schema` adds to `type: string`."""
    described = _openapi("header", name, description, {"type": "string", **schema})
    return {**described, "required": True} if required else described


def path(name: str, description: str, **schema: Any) -> Mapping[str, Any]:
    """Describe a path parameter for OpenAPI; `schema` adds to a text of one character or more."""
    return {**_openapi("path", name, description, {"type": "string", "minLength": 1, **schema}), "required": True}


def _openapi(place: str, name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"in": place, "name": name, "description": description, "schema": dict(schema)}
