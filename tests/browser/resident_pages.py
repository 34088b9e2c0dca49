"""Intake's pages in memory behind a plain HTTP server: no broker and no database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "unit" / "intake"))

from residents import KEY, Office

from concord_city import load_words
from concord_city.adapters.area_choices import load_area_choices
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.status_links import StatusLinks
from concord_intake.domain.receipt import Receipts
from concord_intake.entrypoints.error_responses import PROBLEMS
from concord_intake.service import IntakeService, wiring
from concord_web import HttpRoute, Response, WebSettings
from concord_web.app import App
from concord_web.limiter import Limiter
from concord_web.request_head import Head
from concord_web.response import DEFAULT_HEADERS

LINK_KEYS = ["l" * 32]
BOSTON = Path(__file__).parents[2] / "deploy" / "sample" / "boston" / "city"


class WholeBody:
    """A body that has arrived."""

    def __init__(self, content: bytes) -> None:
        self.length = len(content)
        self._pieces = [content, b""]

    def set_deadline(self, seconds: float) -> None: ...

    def read_some(self) -> bytes:
        return self._pieces.pop(0)


def app_of(office: Office, limiter: Limiter | None = None) -> App:
    """Return the application with the pages' routes. Without a limiter nothing is limited."""
    links = FeedbackLinks(LINK_KEYS), StatusLinks(LINK_KEYS)
    lasting, of_city = wiring(Receipts([KEY]), *links, office, office.clock, limiter)
    service = IntakeService()
    vars(service).update(lasting | of_city(load_words(BOSTON), load_area_choices(BOSTON)))
    calls = {
        entry.route: getattr(service, name)
        for name in dir(IntakeService)
        for entry in getattr(getattr(IntakeService, name), "nameko_entrypoints", ())
        if isinstance(entry, HttpRoute)
    }
    return App(calls, WebSettings(), PROBLEMS)


@contextmanager
def served(office: Office) -> Iterator[str]:
    """Serve the pages; give their address."""
    app = app_of(office)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            content = self.rfile.read(int(headers.get("content-length", 0)))
            head = Head(self.command, path, query, 1, headers, len(content), True, False)
            body: Any = WholeBody(content)
            response, _ = app.respond(head, body, "203.0.113.7", lambda *a, **k: None)
            self._send(response)

        do_POST = do_HEAD = do_GET

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in {**DEFAULT_HEADERS, **response.headers}.items():
                self.send_header(name, value)
            for cookie in response.cookies:
                self.send_header("Set-Cookie", cookie)
            self.send_header("Content-Type", response.content_type or "text/plain")
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        def log_message(self, *arguments: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
