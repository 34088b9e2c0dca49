# ruff: noqa: E402 (eventlet patches before anything else is imported)
"""A small service behind the real server, started by the tests in a process of its own.

Usage: served.py '{"web": {...}}' — prints the port, stops on SIGTERM, is killed (nameko's kill) on SIGUSR1.
"""

import eventlet
import eventlet.debug

eventlet.monkey_patch()

import json
import logging
import os
import resource
import signal
import sys
from contextvars import ContextVar

from marshmallow import Schema, fields
from nameko.containers import ServiceContainer
from nameko.extensions import DependencyProvider
from prometheus_client import REGISTRY

from concord_web import (
    PROBLEMS,
    CannotListen,
    HealthRoutes,
    LongLine,
    OpenApiRoutes,
    Problem,
    http,
    json_response,
    stream_response,
    text_response,
    web_server,
)


class StorageAway(Exception):
    pass


class StorageLocked(StorageAway):
    pass


class Place(Schema):
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class Concern(Schema):
    description = fields.String(required=True)
    place = fields.Nested(Place)


class Journal(DependencyProvider):
    """Counts what nameko tells dependencies of each worker."""

    def setup(self):
        self.counts = {"setup": 0, "ok": 0, "failed": 0, "teardown": 0, "closed_streams": 0, "lines": 0}

    def get_dependency(self, worker_ctx):
        return self.counts

    def worker_setup(self, worker_ctx):
        self.counts["setup"] += 1

    def worker_result(self, worker_ctx, result=None, exc_info=None):
        self.counts["ok" if exc_info is None else "failed"] += 1

    def worker_teardown(self, worker_ctx):
        self.counts["teardown"] += 1


remembered = ContextVar("remembered", default=None)
reasons = []


class Served(HealthRoutes, OpenApiRoutes):
    name = "served"
    journal = Journal()
    problems = PROBLEMS.extend(
        {StorageAway: lambda e: Problem(503, detail="Storage is away.", headers={"Retry-After": "7"})}
    )
    api_title = "Served"

    def health(self):
        return reasons

    def warnings(self):
        return [] if reasons else ["a queue is full"]

    def ledger(self):
        return {"outbox": 3}

    def guard(self, request):
        if request.bearer != "letmein":
            raise Problem(401)

    @http("GET", "/open/{id}", cross_origin=True)
    def open_status(self, request):
        if request.params["id"] == "none":
            raise Problem(404)
        return json_response(request.params, headers={"Retry-After": "1"})

    @http("POST", "/open/{id}", cross_origin=True)
    def open_report(self, request):
        return json_response(request.json(), 201, {"Location": "/open/1"})

    @http("DELETE", "/open/{id}")
    def closed_delete(self, request):
        return json_response({})

    @http("GET", "/hello", summary="Greets")
    def hello(self, request):
        return json_response({"hello": "world"})

    @http("POST", "/echo")
    def echo(self, request):
        return json_response(request.json())

    @http("POST", "/length", max_body=1000)
    def length(self, request):
        return json_response({"length": len(request.body())})

    @http("POST", "/ignore")
    def ignore(self, request):
        return json_response({"ignored": True})

    @http("POST", "/form")
    def form(self, request):
        form = request.form()
        return json_response([(name, value) for name in form for value in form.all(name)])

    @http("POST", "/concerns", request=Concern, responses={201: Concern}, summary="Raise a concern")
    def concerns(self, request):
        return json_response(Concern().load(request.json()), 201)

    @http("POST", "/v1/concerns:batch")
    def batch(self, request):
        return json_response({"batch": True})

    @http("POST", "/v1/cases/{id}/acknowledge")
    def acknowledge(self, request):
        return json_response(request.params)

    @http("GET", "/v1/cases/{id}")
    def case(self, request):
        return json_response({**request.params, "q": request.query.arg("q"), "peer": bool(request.peer)})

    @http("GET", "/v1/cases/mine")
    def mine(self, request):
        return text_response("mine")

    @http("GET", "/requests/{id}.{format}")
    def formatted(self, request):
        return json_response(request.params)

    @http("POST", "/import", stream=True)
    def import_lines(self, request):
        lines = request.lines(max_line=100, logged_in=request.bearer == "letmein")
        return stream_response(self._answers(lines))

    def _answers(self, lines):
        try:
            for number, line in enumerate(lines, start=1):
                self.journal["lines"] = number
                answer = {"long": line.line} if isinstance(line, LongLine) else {"got": line.decode()}
                yield json.dumps(answer).encode() + b"\n"
        finally:
            self.journal["closed_streams"] += 1

    @http("POST", "/count", stream=True)
    def count(self, request):
        return json_response({"lines": sum(1 for _ in request.lines())})

    @http("GET", "/endless")
    def endless(self, request):
        return stream_response(self._endless(), content_type="text/plain")

    def _endless(self):
        try:
            while True:
                yield b"x" * 10_000
        finally:
            self.journal["closed_streams"] += 1

    @http("GET", "/ticks")
    def ticks(self, request):
        return stream_response(self._ticks(request), content_type="text/event-stream")

    def _ticks(self, request):
        try:
            while not request.stopping:
                yield b"data: tick\n\n"
                eventlet.sleep(0.05)
        finally:
            self.journal["closed_streams"] += 1

    @http("GET", "/broken-stream")
    def broken_stream(self, request):
        def items():
            yield b"first\n"
            raise RuntimeError("told to nobody")

        return stream_response(items())

    @http("GET", "/boom")
    def boom(self, request):
        raise ValueError("a secret of jane@example.org")

    @http("GET", "/storage")
    def storage(self, request):
        raise StorageLocked("table cases at db.internal")

    @http("GET", "/timeout")
    def timeout(self, request):
        raise eventlet.Timeout(1)

    @http("GET", "/remember")
    def remember(self, request):
        before = remembered.get()
        remembered.set("somebody else's request")
        return json_response({"before": before})

    @http("GET", "/nothing")
    def nothing(self, request):
        return None

    @http("GET", "/inject")
    def inject(self, request):
        return json_response({}, headers={"Location": request.query.arg("to") or ""})

    @http("GET", "/inject-problem")
    def inject_problem(self, request):
        raise Problem(409, headers={"Location": request.query.arg("to") or ""})

    @http("GET", "/page")
    def page(self, request):
        headers = {"Cache-Control": "max-age=60", "content-security-policy": "default-src 'self'"}
        return text_response("<p>Hello</p>", headers=headers, content_type="text/html; charset=utf-8")

    @http("GET", "/slow")
    def slow(self, request):
        eventlet.sleep(float(request.query.arg("seconds", "1")))
        return json_response({"slow": True})

    @http("GET", "/journal")
    def read_journal(self, request):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return json_response({**self.journal, "peak_kib": peak})

    @http("GET", "/unready")
    def unready(self, request):
        reasons[:] = ["the broker cannot be reached"]
        return json_response({})

    @http("GET", "/eat")
    def eat(self, request):
        """Hold every descriptor there is for a second and a half."""
        hoard = []
        try:
            while True:
                hoard.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            eventlet.sleep(1.5)
        finally:
            for descriptor in hoard:
                os.close(descriptor)
        return json_response({"eaten": len(hoard)})

    @http("POST", "/toil")
    def toil(self, request):
        length = len(request.body())
        eventlet.sleep(1)
        return json_response({"length": length})


def main() -> int:
    logging.basicConfig(level=logging.DEBUG)
    logging.getLogger("nameko").setLevel(logging.WARNING)
    config = json.loads(sys.argv[1])
    if limit := config.pop("descriptors", None):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    container = ServiceContainer(Served, config)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_after(0, container.stop))
    signal.signal(signal.SIGUSR1, lambda *_: eventlet.spawn_after(0, container.kill))
    eventlet.debug.hub_exceptions(False)  # nameko starts extensions in greenthreads: one line, not a traceback
    try:
        container.start()
    except CannotListen as error:
        print(error, file=sys.stderr)
        return 3
    eventlet.debug.hub_exceptions(True)
    print(web_server(container).bound_port, flush=True)
    container.wait()
    assert REGISTRY.get_sample_value("concord_http_connections") == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
