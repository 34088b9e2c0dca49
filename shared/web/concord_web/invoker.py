"""Calls the service method of a request.

A request runs in the greenthread of its connection, on a new service instance. Its dependencies have nameko's
worker life cycle. Requests do not use nameko's worker pool: `max_connections` bounds them, not `max_workers`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextvars import copy_context
from functools import partial
from typing import Any

import eventlet
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from concord_web.request import Request
from concord_web.response import Response


class Invoker:
    """Calls one method of a service on a fresh, injected instance, with nameko's worker life cycle."""

    def __init__(self, container: Any, entrypoint: Any) -> None:
        self._container = container
        self._entrypoint = entrypoint
        self._providers = tuple(container.dependencies)
        self._setups = self._overriding("worker_setup")
        self._results = self._overriding("worker_result")
        self._teardowns = self._overriding("worker_teardown")

    def _overriding(self, hook: str) -> tuple[Callable[..., None], ...]:
        base = getattr(DependencyProvider, hook)
        return tuple(getattr(p, hook) for p in self._providers if getattr(type(p), hook) is not base)

    def __call__(self, request: Request) -> Response:
        return copy_context().run(self._call, request)  # keep context variables within the request

    def _call(self, request: Request) -> Response:
        service = self._container.service_cls()
        context = WorkerContext(self._container, service, self._entrypoint, (request,), {})
        for provider in self._providers:
            setattr(service, provider.attr_name, provider.get_dependency(context))
        for setup in self._setups:
            setup(context)
        try:
            response = getattr(service, self._entrypoint.method_name)(request)
            if not isinstance(response, Response):
                kind = type(response).__name__
                raise TypeError(f"{self._entrypoint.method_name} must return a Response, not {kind}")
        except (Exception, eventlet.Timeout):
            self._finish(context, None, sys.exc_info())
            raise
        if response.stream is None:
            self._finish(context, response, None)
        else:
            response.stream = _StreamedResponse(response.stream, partial(self._finish, context, response))
        return response

    def _finish(self, context: Any, response: Response | None, error: Any) -> None:
        for result in self._results:
            result(context, response, error)
        for teardown in self._teardowns:
            teardown(context)


class _StreamedResponse:
    """The items of a streamed response. The worker's dependencies live until it ends."""

    def __init__(self, stream: Iterator[bytes], finish: Callable[[Any], None]) -> None:
        self._stream = stream
        self._finish: Callable[[Any], None] | None = finish

    def __iter__(self) -> _StreamedResponse:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._stream)
        except StopIteration:
            self._end(None)
            raise
        except BaseException:
            self._end(sys.exc_info())
            raise

    def close(self) -> None:
        """End the response, complete or not."""
        try:
            if (close := getattr(self._stream, "close", None)) is not None:
                close()
        finally:
            self._end(None)

    def _end(self, error: Any) -> None:
        finish, self._finish = self._finish, None
        if finish is not None:
            finish(error)
