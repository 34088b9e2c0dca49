"""Asking the management API again: what may be repeated is, what may not is not, and never without end."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from concord_bus.topology import management
from concord_bus.topology.management import ManagementError, request


class Broker(HTTPServer):
    """Answers 500 so many times, then with an empty object."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.failures, self.asked = 0, 0


class _Answer(BaseHTTPRequestHandler):
    server: Broker

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(500 if self.server.asked <= self.server.failures else 200)
        self.end_headers()
        self.wfile.write(b"{}")

    do_DELETE = do_POST = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent."""


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    monkeypatch.setattr(management, "PAUSE", 0.0)
    with Broker() as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def url(broker: Broker) -> str:
    return f"http://guest:guest@127.0.0.1:{broker.server_port}"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_passing_500_is_asked_again(broker: Broker, method: str) -> None:
    broker.failures = 2
    assert request(url(broker), method, "/api/users/parks") == {}
    assert broker.asked == 3


def test_a_lasting_500_ends_in_an_error(broker: Broker) -> None:
    broker.failures = 99
    with pytest.raises(ManagementError, match="answered 500"):
        request(url(broker), "DELETE", "/api/users/parks")
    assert broker.asked == management.REPEATS + 1


def test_what_may_not_be_repeated_is_asked_once(broker: Broker) -> None:
    broker.failures = 1
    with pytest.raises(ManagementError):
        request(url(broker), "POST", "/api/definitions", {})
    assert broker.asked == 1
