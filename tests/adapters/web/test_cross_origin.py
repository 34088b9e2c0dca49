"""Which pages of other sites a browser lets read the answers, by the headers that it looks for."""

import pytest

CITY = "https://www.city.example.org"
DEV = "http://localhost:5173"
ALLOW = "access-control-allow-origin"


@pytest.fixture
def city(cross_origin_server):
    return cross_origin_server


def cors(reply):
    return {name for name in reply.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("origin", [CITY, DEV])
def test_a_page_of_the_city_may_ask_before_it_sends(city, origin):
    asked = {"Origin": origin, "Access_Control_Request_Method": "POST"}
    reply = city.ask("OPTIONS", "/open/1", **asked, Access_Control_Request_Headers="concord-receipt,content-type")
    assert reply.status == 204
    assert reply.headers[ALLOW] == origin
    assert reply.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    headers = reply.headers["access-control-allow-headers"].split(", ")
    assert {"Concord-Receipt", "Content-Type", "Idempotency-Key", "Accept-Language"} == set(headers)
    assert reply.headers["access-control-max-age"] == "600"
    assert "access-control-allow-credentials" not in reply.headers
    assert reply.headers["vary"] == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def test_a_page_of_the_city_may_read_answers_and_their_headers(city):
    created = city.ask("POST", "/open/1", b"{}", Origin=CITY, Content_Type="application/json")
    assert (created.status, created.headers[ALLOW], created.headers["vary"]) == (201, CITY, "Origin")
    assert {"Location", "Retry-After"} <= set(created.headers["access-control-expose-headers"].split(", "))
    assert city.ask("GET", "/open/1", Origin=CITY).headers[ALLOW] == CITY
    assert city.ask("HEAD", "/open/1", Origin=CITY).headers[ALLOW] == CITY


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/open/none", None, 404),
        ("POST", "/open/1", b"{", 400),
        ("POST", "/open/1", b"x" * 300_000, 413),
    ],
)
def test_a_page_of_the_city_may_read_problems_too(city, method, path, body, status):
    reply = city.ask(method, path, body, Origin=CITY, Content_Type="application/json")
    assert (reply.status, reply.headers[ALLOW]) == (status, CITY)


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example.org",
        "https://www.city.example.org.evil.example",
        "https://evil-www.city.example.org",
        "http://www.city.example.org",
        "https://www.city.example.org:8443",
        "https://WWW.city.example.org",
        "https://www.city.example.org/",
        "null",
        "*",
        "",
    ],
)
def test_no_other_page_may_read_anything(city, origin):
    for method, extra in (("GET", {}), ("OPTIONS", {"Access_Control_Request_Method": "GET"})):
        reply = city.ask(method, "/open/1", Origin=origin, **extra)
        assert reply.status in (200, 204)
        assert cors(reply) == set()
        assert reply.headers["vary"].startswith("Origin")


def test_a_cache_is_told_also_without_an_origin(city):
    reply = city.ask("GET", "/open/1")
    assert (reply.headers["vary"], cors(reply)) == ("Origin", set())


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/hello"), ("GET", "/v1/ledger"), ("GET", "/metrics"), ("DELETE", "/open/1"), ("GET", "/nowhere")],
)
def test_routes_that_are_not_for_residents_stay_closed(city, method, path):
    reply = city.ask(method, path, Origin=CITY)
    assert cors(reply) == set()
    asked = city.ask("OPTIONS", path, Origin=CITY, Access_Control_Request_Method=method)
    assert method not in asked.headers.get("access-control-allow-methods", "").split(", ")


def test_options_without_a_preflight_tells_the_methods_as_ever(city):
    reply = city.ask("OPTIONS", "/open/1", Origin=CITY)
    assert (reply.status, reply.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST")
    assert cors(reply) == set()


def test_without_the_setting_nothing_is_said(server):
    for method, extra in (("GET", {}), ("OPTIONS", {"Access_Control_Request_Method": "GET"})):
        reply = server.ask(method, "/open/1", Origin=CITY, **extra)
        assert cors(reply) == set()
        assert "vary" not in reply.headers


def test_a_refusal_behind_a_proxy_can_be_read_too(serve):
    city = serve(cors_origins=[CITY], forwarded_hops=1, max_connections_per_client=1)
    slow = city.client().send(b"GET /slow?seconds=5 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")
    refused = []

    def is_refused():
        reply = city.ask("GET", "/open/1", Origin=CITY, X_Forwarded_For="203.0.113.7")
        refused.append(reply)
        return reply.status == 429

    city.eventually(is_refused)
    slow.close()
    assert (refused[-1].headers[ALLOW], refused[-1].headers["retry-after"]) == (CITY, "5")
