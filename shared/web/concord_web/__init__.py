"""concord_web: a hardened HTTP server for nameko services on eventlet.

Decorate a service method with `@http("POST", "/v1/concerns")`. It takes a `Request` and returns a `Response`.
A `ProblemTable` turns its exceptions into RFC 9457 problems.
The modules errors, params, pagination, preconditions and fields are the toolkit of every service's routes.
"""

from concord_web.client_socket import ClientGone
from concord_web.contract_routes import ContractRoutes
from concord_web.errors import PROBLEMS, ProblemTable, error_table, problem_row, service_unavailable
from concord_web.extension import HttpRoute, WebServer, http, web_server
from concord_web.health import HealthRoutes
from concord_web.limiter import Limiter
from concord_web.line_splitter import LongLine
from concord_web.listener import CannotListen, PortTaken
from concord_web.openapi import OpenApiRoutes, openapi, routes_of
from concord_web.problem import Problem, Row, problem_from_marshmallow
from concord_web.query_string import Query, field_problem
from concord_web.request import Request
from concord_web.response import Response, json_response, stream_response, text_response
from concord_web.router import Doc, Route
from concord_web.settings import WebSettings
