"""The client against a real server on loopback: every way in which a response can be late, large, wrong or missing."""

import socket
import time
from collections.abc import Iterator

import pytest

from concord_http import (
    HttpClient,
    InvalidJsonError,
    InvalidRequestError,
    InvalidResponseError,
    Limits,
    RequestTimeoutError,
    ResponseTooLargeError,
    UnexpectedStatusError,
    UnreachableError,
)

from .loopback_server import Server, serving

IMPATIENT = Limits(connect_seconds=5, read_seconds=0.3, total_seconds=60)
BRIEF = Limits(connect_seconds=5, read_seconds=30, total_seconds=0.4)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_json_goes_out_and_comes_back_with_a_bearer_token(server: Server) -> None:
    with HttpClient(server.url, bearer="secret", headers={"X-Actor": "ada"}) as client:
        answer = client.request("POST", "/v1/cases?limit=1", {"area": "n"}).expect(200).json()
    assert (answer["path"], answer["sent"]) == ("/v1/cases?limit=1", '{"area": "n"}')
    headers = answer["headers"]
    assert (headers["authorization"], headers["x-actor"]) == ("Bearer secret", "ada")
    assert headers["content-type"] == "application/json"


def test_a_form_is_percent_encoded(server: Server) -> None:
    with HttpClient(server.url) as client:
        answer = client.post_form("/token", {"secret": "a+b%c/d e", "code": "é"}).expect(200).json()
    assert answer["sent"] == "secret=a%2Bb%25c%2Fd+e&code=%C3%A9"
    assert answer["headers"]["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_methods(server: Server, method: str) -> None:
    with HttpClient(server.url) as client:
        assert client.request(method, "/empty").expect(204).json() is None
    assert server.requests == [(method, "/empty")]


def test_the_login_and_the_path_prefix_of_the_url_are_used(server: Server) -> None:
    url = server.url.replace("//", "//ada:p%40ss@") + "/rabbit/"
    with HttpClient(url) as client:
        answer = client.get_json("/api/overview")
    assert answer["path"] == "/rabbit/api/overview"
    assert answer["headers"]["authorization"] == "Basic YWRhOnBAc3M="


def test_an_ipv6_address_stands_in_brackets_in_the_host_header() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6 loopback: {error}")
    with serving("::1") as server, HttpClient(server.url) as client:
        assert client.get_json("/")["headers"]["host"] == f"[::1]:{server.server_port}"


def test_one_connection_serves_many_requests(server: Server) -> None:
    with HttpClient(server.url) as client:
        for _ in range(5):
            client.get_json("/")
    assert server.connections == 1


@pytest.mark.parametrize("path", ["/silent", "/slow-headers", "/slow-body", "/slow-body-until-close"])
def test_no_server_holds_a_request_past_its_total_time(server: Server, path: str) -> None:
    begun = time.monotonic()
    with HttpClient(server.url, limits=BRIEF) as client:
        with pytest.raises(RequestTimeoutError, match=r"timed out after 0\.4 s"):
            client.get(path)
        assert time.monotonic() - begun < 20
        if path != "/silent":
            assert server.hung_up.wait(20), "the connection was left open"
        assert client.get_json("/after")["path"] == "/after"


def test_a_silent_server_is_left_after_the_time_for_reading(server: Server) -> None:
    with (
        HttpClient(server.url, limits=IMPATIENT) as client,
        pytest.raises(RequestTimeoutError, match="waiting for data"),
    ):
        client.get("/silent")


def test_a_body_over_the_limit_is_not_read(server: Server) -> None:
    with HttpClient(server.url, limits=Limits(response_bytes=100_000)) as client:
        with pytest.raises(ResponseTooLargeError, match="larger than 100000 bytes"):
            client.get("/oversized")
        assert client.get("/").status == 200


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with (
        HttpClient(f"http://127.0.0.1:{port}") as client,
        pytest.raises(UnreachableError, match=r"^connection refused$"),
    ):
        client.get("/")


def test_an_unknown_host() -> None:
    with (
        HttpClient("http://nowhere.invalid", limits=Limits(total_seconds=20)) as client,
        pytest.raises((UnreachableError, RequestTimeoutError), match=r"host name not found|timed out"),
    ):
        client.get("/")


def test_what_is_not_json(server: Server) -> None:
    with HttpClient(server.url) as client:
        assert client.get("/html").text == "<html>Bad gateway</html>"
        with pytest.raises(InvalidJsonError, match="response is not JSON"):
            client.get_json("/html")


def test_an_unexpected_status_names_itself_and_shows_the_body(server: Server) -> None:
    with HttpClient(server.url) as client:
        with pytest.raises(
            UnexpectedStatusError, match=r'^unexpected status 401: \{"error": "not_authorised"\}$'
        ) as seen:
            client.get_json("/unauthorized")
        assert seen.value.status == 401
        assert client.get("/unauthorized").expect(401).status == 401


def test_the_excerpt_of_a_body_is_bounded() -> None:
    assert len(str(UnexpectedStatusError(500, b"x" * 100_000))) < 1100


def test_a_redirect_is_not_followed(server: Server) -> None:
    with HttpClient(server.url) as client:
        response = client.get("/moved")
    assert (response.status, response.headers["location"]) == (302, "/elsewhere")
    assert len(server.requests) == 1


def test_a_body_cut_short(server: Server) -> None:
    with HttpClient(server.url) as client, pytest.raises(UnreachableError, match="before the response was complete"):
        client.get("/cut")


def test_a_server_of_another_protocol(server: Server) -> None:
    with HttpClient(server.url) as client, pytest.raises(InvalidResponseError, match="response is not HTTP"):
        client.get("/not-http")


def test_no_response_at_all_is_no_reason_to_send_again_over_a_new_connection(server: Server) -> None:
    with HttpClient(server.url) as client, pytest.raises(UnreachableError, match="closed without a response"):
        client.get("/hang-up")
    assert len(server.requests) == 1


def test_a_connection_closed_by_the_server_is_opened_again(server: Server) -> None:
    with HttpClient(server.url) as client:
        for _ in range(2):
            client.get("/then-closed").expect()
            assert server.closed.acquire(timeout=10)
        client.request("POST", "/", {}).expect()
    assert len(server.requests) == server.connections == 3


def test_a_request_over_a_kept_connection_that_breaks_is_repeated_unless_it_is_a_post(server: Server) -> None:
    with HttpClient(server.url) as client:
        client.get("/")
        with pytest.raises(UnreachableError):
            client.get("/hang-up")
        client.get("/")
        with pytest.raises(UnreachableError):
            client.request("POST", "/hang-up")
    assert [path for _, path in server.requests] == ["/", "/hang-up", "/hang-up", "/", "/hang-up"]


def test_proxies_of_the_environment_are_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with HttpClient(server.url) as client:
        assert client.get("/").status == 200


def test_a_header_that_cannot_be_sent(server: Server) -> None:
    with HttpClient(server.url, bearer="a\nb") as client, pytest.raises(InvalidRequestError):
        client.get("/")
    assert server.requests == []


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://host:port"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"must look like|must have a port"):
        HttpClient(url)
