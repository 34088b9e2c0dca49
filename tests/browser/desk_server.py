"""The desk on the store in memory behind a small HTTP server, for Chromium: no broker and no database."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "routing"))

from desk_browser import CITY, Desk, respond
from routing_concerns import submitted

from concord_web import Problem
from concord_web.response import DEFAULT_HEADERS


def filled_desk(url: str) -> Desk:
    """Some cases in each list: due, late, sensitive, in triage."""
    categories = {**CITY.categories, "graffiti": replace(CITY.categories["graffiti"], sensitive=True)}
    names = {
        "noise": ("Noise at night", "Ruido de noche"),
        "graffiti": ("Threats", "Amenazas"),
        "snow": ("Snow", "Nieve"),
    }
    for code, (english, spanish) in names.items():
        categories[code] = replace(categories[code], names={"en": english, "es": spanish})
    desk = Desk(url=url, categories=categories)
    with desk.work() as work:
        case = work.store.case("W")
        late = case.respond_by - timedelta(days=2)
        more = [
            replace(case, case_id=f"7K2M4Q9X{n:02}", concern_id=f"more{n}", respond_by=late + timedelta(hours=9 * n))
            for n in range(28)
        ]
        more[3] = replace(more[3], category="graffiti")
        more[5] = replace(more[5], state="waiting_for_resident", promise="at_risk")
        work.store.add_cases(more)
    desk.bus.deliver(submitted("snowed", category="snow", address="1 Main Street"))
    return desk


@contextmanager
def serving() -> Iterator[tuple[str, Desk]]:
    """Yield the URL and the desk behind it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    server.desk, server.turn = filled_desk(url), threading.Lock()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url, server.desk  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.turn:
            try:
                response = respond(self.server.desk, self.command, self.path, body, headers)
            except Problem as problem:
                self.send_error(problem.status)
                return
        self.send_response(response.status)
        for name, value in {**DEFAULT_HEADERS, **response.headers}.items():
            self.send_header(name, value)
        for cookie in response.cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Type", response.content_type or "text/plain")
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Stay silent."""
