"""The server as nameko extensions: `@http` on a method of a service class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from concord_web.app import App, Call
from concord_web.errors import PROBLEMS
from concord_web.invoker import Invoker
from concord_web.metrics import web_metrics
from concord_web.router import Doc, Route
from concord_web.server import Server
from concord_web.settings import WebSettings

F = TypeVar("F", bound=Callable[..., Any])


class WebServer(SharedExtension):  # type: ignore[misc]
    """The HTTP server of a container. It reads `config["web"]`.

    The service class may have the attributes `problems` (a ProblemTable) and `metrics_registry`.
    """

    def __init__(self) -> None:
        self._calls: dict[Route, Call] = {}
        self._server: Server | None = None

    @property
    def bound_port(self) -> int:
        """The TCP port in use. Raises AttributeError before the setup of the container."""
        if self._server is None:
            raise AttributeError("the container has not been set up")
        return self._server.bound_port

    def add(self, entrypoint: HttpRoute) -> None:
        """Add a route during the setup of the container."""
        self._calls[entrypoint.route] = Invoker(self.container, entrypoint)

    def setup(self) -> None:
        """Bind the port before anything starts. Raises PortTaken, CannotListen, ValueError for invalid settings.

        nameko runs this in a greenthread, and eventlet prints a traceback of its exceptions. To print only the
        message, call `eventlet.debug.hub_exceptions(False)` until `container.start()` returns.
        """
        settings = WebSettings.from_config(self.container.config)
        registry = getattr(self.container.service_cls, "metrics_registry", None)
        server = Server(settings, web_metrics(registry))
        server.listen()
        self._server = server

    def start(self) -> None:
        """Start to serve. Raises ValueError for routes that conflict."""
        assert self._server is not None
        server = self._server
        problems = getattr(self.container.service_cls, "problems", PROBLEMS)
        app = App(self._calls, server.settings, problems, lambda: server.stopping)
        server.start(app, self.container.spawn_managed_thread)

    def drain(self) -> None:
        if self._server is not None:
            self._server.drain()

    def kill(self) -> None:
        if self._server is not None:
            self._server.abort()


class HttpRoute(Entrypoint):  # type: ignore[misc]
    """Entrypoint of one route. Its `stop` waits for the requests in flight."""

    server = WebServer()

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route

    def setup(self) -> None:
        self.server.add(self)

    def stop(self) -> None:
        self.server.drain()


def http(
    method: str,
    path: str,
    *,
    max_body: int | None = None,
    stream: bool = False,
    cross_origin: bool = False,
    **doc: Any,
) -> Callable[[F], F]:
    """Serve `method path` with the decorated `(self, request) -> Response`.

    `max_body` (bytes) replaces the server's limit for this route. `stream=True` accepts a body of any length;
    read it with `request.lines()`. `cross_origin=True` is for routes that a city's own site may use. The other keywords
    are those of `Doc`.
    """
    route = Route(method, path, max_body, stream, cross_origin, Doc(**doc))

    def register(method_of_service: F) -> F:
        register_entrypoint(method_of_service, HttpRoute(route))
        return method_of_service

    return register


def web_server(container: Any) -> WebServer:
    """Return the web server of a container, for its `bound_port`."""
    found: WebServer = container.shared_extensions[WebServer]
    return found
