"""The application: finds the route of a request, calls its method, and turns exceptions into problems."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping

from eventlet import Timeout

from concord_web.client_socket import ClientGone
from concord_web.cors import CrossOrigin
from concord_web.errors import PROBLEMS, ProblemTable
from concord_web.metrics import UNMATCHED
from concord_web.problem import Problem
from concord_web.request import Request
from concord_web.request_body import Body
from concord_web.request_head import Head
from concord_web.response import Response
from concord_web.router import Route, Router, allowed
from concord_web.settings import WebSettings

_log = logging.getLogger(__name__)

Call = Callable[[Request], Response]


class App:
    """The routes of one service, each with the function that it calls."""

    def __init__(
        self,
        calls: Mapping[Route, Call],
        settings: WebSettings,
        problems: ProblemTable = PROBLEMS,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._calls = calls
        self._router = Router(calls)
        self._settings = settings
        self._cross_origin = CrossOrigin(settings.cors_origins) if settings.cors_origins else None
        self._problems = problems
        self._stopping = stopping

    def respond(self, head: Head, body: Body, peer: str, claim_stream: Callable[..., None]) -> tuple[Response, str]:
        """Return the response and the route's template. Raises ClientGone only.

        A route with a streamed body calls `claim_stream` for its slot.
        """
        response, template = self._respond(head, body, peer, claim_stream)
        return self.for_origin(head, response), template

    def for_origin(self, head: Head, response: Response) -> Response:
        """Return the response with the headers for the page that sent the request."""
        if self._cross_origin:
            self._cross_origin.add_headers(head, self._router.routes_at(head.path), response)
        return response

    def _respond(self, head: Head, body: Body, peer: str, claim_stream: Callable[..., None]) -> tuple[Response, str]:
        template = UNMATCHED
        try:
            if head.path == "*":
                return Response(status=204, headers={"Allow": allowed(("GET", "POST"))}), template
            route, params = self._find(head)
            if route is None:
                return Response(status=204, headers=params), template
            template = route.path
            self._check_length(route, body)
            request = Request(head, params, body, self._settings, route, peer, self._stopping, claim_stream)
            return self._calls[route](request), template
        except ClientGone:
            raise
        except (Exception, Timeout) as error:
            return self.problem(error, head.method, template).as_response(), template

    def problem(self, error: BaseException, method: str, template: str) -> Problem:
        """Return the problem for an exception.

        An unexpected exception goes to the log with an id; the client gets only the id.
        """
        try:
            found = self._problems.find(error)
        except Exception as broken_row:
            error, found = broken_row, None
        if found is not None:
            return found
        number = uuid.uuid4().hex
        _log.error("request failed: problem_id=%s method=%s route=%s", number, method, template, exc_info=error)
        detail = f"Internal server error. If it happens again, report the problem id {number}."
        return Problem(500, detail=detail, extra={"instance": f"urn:uuid:{uuid.UUID(number)}"})

    def _find(self, head: Head) -> tuple[Route | None, Mapping[str, str]]:
        try:
            return self._router.find(head.method, head.path)
        except Problem as problem:
            if head.method == "OPTIONS" and problem.status == 405:
                return None, problem.headers
            raise

    def _check_length(self, route: Route, body: Body) -> None:
        limit = route.max_body or self._settings.max_body
        if body.length > limit and not route.stream:
            raise Problem(413, detail=f"The request body exceeds {limit} bytes.")
