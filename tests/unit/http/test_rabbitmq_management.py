"""The management API's client: what it repeats, where it connects, what its errors say."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from concord_http import rabbitmq_management
from concord_http.rabbitmq_management import ManagementError, RabbitManagement, management_address

from .loopback_server import serving


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
def broker() -> Iterator[Broker]:
    with Broker() as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def management(broker: Broker) -> RabbitManagement:
    return RabbitManagement(f"http://guest:guest@127.0.0.1:{broker.server_port}", sleep=lambda seconds: None)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_passing_500_is_asked_again(broker: Broker, method: str) -> None:
    broker.failures = 2
    assert management(broker).call(method, "/api/users/parks") == {}
    assert broker.asked == 3


def test_a_lasting_500_ends_in_an_error(broker: Broker) -> None:
    broker.failures = 99
    with pytest.raises(ManagementError, match="answered 500"):
        management(broker).call("DELETE", "/api/users/parks")
    assert broker.asked == rabbitmq_management.REPEATS + 1


def test_what_may_not_be_repeated_is_asked_once(broker: Broker) -> None:
    broker.failures = 1
    with pytest.raises(ManagementError):
        management(broker).call("POST", "/api/definitions", {})
    assert broker.asked == 1


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://broker", "http://broker:15672"),
        ("http://ada:secret@[::1]:8080/", "http://[::1]:8080"),
        ("https://city.example.org/rabbit/", "https://city.example.org:443/rabbit"),
        ("http://[::1]/rabbit", "http://[::1]:80/rabbit"),
    ],
)
def test_where_the_api_is(url: str, found: str) -> None:
    assert management_address(url).url == found


def test_the_login_is_guests_unless_the_url_names_one() -> None:
    assert management_address("http://broker/rabbit").with_login("a", "b") == "http://a:b@broker:80/rabbit"
    nobody, ada = management_address("http://[::1]"), management_address("http://ada:p%40s@[::1]")
    assert (nobody.user, nobody.password, nobody.url) == ("guest", "guest", "http://[::1]:15672")
    assert (ada.user, ada.password) == ("ada", "p@s")
    assert "p@s" not in repr(ada)


def test_errors_say_what_to_do() -> None:
    with serving() as server:
        with pytest.raises(ManagementError, match="refused the login: give the login of an administrator") as seen:
            RabbitManagement(server.url).call("GET", "/unauthorized")
        assert seen.value.status == 401
        with pytest.raises(ManagementError, match="response is not JSON"):
            RabbitManagement(f"{server.url}/rabbit").call("GET", "/html")
        assert server.requests[-1] == ("GET", "/rabbit/html")
        assert RabbitManagement(server.url).status("/empty") == 204
    with pytest.raises(ManagementError, match=r"connection refused\. Is the plugin enabled") as seen:
        RabbitManagement(server.url).call("GET", "/")
    assert seen.value.status is None
    assert RabbitManagement(server.url).status("/") is None
    with pytest.raises(ManagementError, match="must look like"):
        RabbitManagement("broker:15672")
