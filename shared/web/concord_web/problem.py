"""Problem details (RFC 9457): the body of every error response."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from concord_web.response import Response, check_header, json_response

PROBLEM_TYPE = "application/problem+json"
FieldError = Mapping[str, str]


class Problem(Exception):
    """An error response. Raise it in a service method.

    `detail` says what to do. `errors` names the fields: `{"field": "location.lat", "detail": …}`.
    """

    def __init__(
        self,
        status: int,
        title: str | None = None,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {title or ''}: {detail}")
        self.status = status
        self.title = title or phrase(status)
        self.detail = detail
        self.errors = tuple(dict(error) for error in errors)
        self.headers = dict(headers or {})
        for name, value in self.headers.items():
            check_header(name, value)
        self.extra = dict(extra or {})

    def as_dict(self) -> dict[str, Any]:
        """Return the members of the problem without the empty ones."""
        members: dict[str, Any] = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            members["detail"] = self.detail
        if self.errors:
            members["errors"] = list(self.errors)
        return {**self.extra, **members}

    def as_response(self) -> Response:
        return json_response(self.as_dict(), self.status, self.headers, content_type=PROBLEM_TYPE)


def phrase(status: int) -> str:
    """Return the reason phrase of a status: 404 → "Not Found"."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Problem"


def problem_from_marshmallow(messages: Any) -> Problem:
    """Flatten `ValidationError.messages` into dotted fields: `{"a": {"0": {"b": ["x"]}}}` → `a.0.b: x`."""
    errors = [{"field": path, "detail": text} for path, text in _flatten(messages, ())]
    named = ", ".join(dict.fromkeys(error["field"] for error in errors if error["field"]))
    detail = f"Correct {named} and send the request again." if named else "Correct the request and send it again."
    return Problem(422, "The request is not valid", detail, errors=errors)


def _flatten(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for key, nested in messages.items():
            yield from _flatten(nested, path if key == "_schema" else (*path, str(key)))
    elif isinstance(messages, list | tuple):
        for nested in messages:
            yield from _flatten(nested, path)
    else:
        yield ".".join(path), str(messages)


Row = int | Callable[[Any], Problem]
"""A row of an error table: a status, or a function from the exception to a Problem."""
