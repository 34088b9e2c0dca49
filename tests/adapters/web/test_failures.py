"""What a client is told when a method fails, and what the log is told."""

import pytest


def test_an_unforeseen_error_tells_an_id_and_logs_the_rest(server):
    client = server.client()
    reply = client.ask("GET", "/boom")
    assert (reply.status, reply.headers["content-type"]) == (500, "application/problem+json")
    assert b"jane" not in reply.body
    assert b"ValueError" not in reply.body
    number = reply.json["instance"].removeprefix("urn:uuid:").replace("-", "")
    server.eventually(lambda: number in server.log())
    assert "ValueError: a secret" in server.log()
    assert client.ask("GET", "/hello").status == 200


def test_the_table_answers_for_a_class_and_its_heirs(server):
    reply = server.ask("GET", "/storage")
    assert (reply.status, reply.headers["retry-after"]) == (503, "7")
    assert reply.json["detail"] == "Storage is away."


@pytest.mark.parametrize("path", ["/timeout", "/nothing"])
def test_timeouts_and_wrong_results_are_500(server, path):
    client = server.client()
    assert client.ask("GET", path).status == 500
    assert client.ask("GET", "/hello").status == 200


@pytest.mark.parametrize("path", ["/inject", "/inject-problem"])
@pytest.mark.parametrize("value", ["a%0d%0aSet-Cookie:%20x=1", "a%0aX:%201", "%E2%82%AC"])
def test_a_header_that_would_split_the_answer_is_never_sent(server, path, value):
    reply = server.ask("GET", f"{path}?to={value}")
    assert reply.status == 500
    assert "set-cookie" not in reply.headers
    assert "x" not in reply.headers
    assert "location" not in reply.headers


def test_fields_that_fail_validation_are_named(server):
    body = b'{"place": {"lat": "north"}, "extra": 1}'
    reply = server.ask("POST", "/concerns", body, Content_Type="application/json")
    assert reply.status == 422
    fields = {error["field"] for error in reply.json["errors"]}
    assert fields == {"description", "place.lat", "place.lon", "extra"}


def test_no_client_address_is_logged(serve):
    running = serve(head_timeout=0.2)
    running.client().send(b"broken\r\n\r\n").reply()
    running.client().send(b"GET /hel").reply()
    running.ask("GET", "/boom", X_Forwarded_For="192.0.2.77")
    running.eventually(lambda: "Traceback" in running.log())
    assert "127.0.0.1" not in running.log()
    assert "192.0.2.77" not in running.log()


def test_dependencies_are_told_of_every_result(serve):
    running = serve()
    for path in ("/hello", "/boom", "/nowhere"):
        running.ask("GET", path)
    journal = running.ask("GET", "/journal").json
    assert (journal["setup"], journal["ok"], journal["failed"], journal["teardown"]) == (3, 1, 1, 2)


def test_requests_are_counted_by_template(serve):
    running = serve()
    for path in ("/v1/cases/1", "/v1/cases/2", "/nowhere", "/elsewhere", "/boom"):
        running.ask("GET", path)
    running.ask("BREW", "/hello")
    text = running.ask("GET", "/metrics").body.decode()
    for line in (
        'concord_http_requests_total{method="GET",route="/v1/cases/{id}",status="2xx"} 2.0',
        'concord_http_requests_total{method="GET",route="unmatched",status="4xx"} 2.0',
        'concord_http_requests_total{method="GET",route="/boom",status="5xx"} 1.0',
        'concord_http_requests_total{method="other",route="unmatched",status="4xx"} 1.0',
        'concord_http_request_seconds_count{method="GET",route="/v1/cases/{id}"} 2.0',
    ):
        assert line in text.splitlines()


def test_context_variables_do_not_leak_into_the_next_request(server):
    client = server.client()
    assert [client.ask("GET", "/remember").json["before"] for _ in range(2)] == [None, None]
