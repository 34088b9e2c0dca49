"""The ops page of a real process: its state, its feed, and what it says when something is away."""

import http.client
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest
from metric_events import delivered, received, routed
from service_process import ServiceProcess, prepare, publish, until

from concord_contracts import Codec, Keyrings
from concord_nodes.tcp_ports import choose_port

CODEC = Codec(Keyrings({}))
BOSTON = "deploy/sample/boston/city"


class OtherService(BaseHTTPRequestHandler):
    """Routing, as far as the ops page looks at it."""

    def do_GET(self):
        ready = {"ready": False, "reasons": ["the database cannot be reached"]}
        status, body = (
            (503, json.dumps(ready)) if self.path == "/readyz" else (200, "concord_bus_parked_messages 3.0\n")
        )
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@contextmanager
def other_service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), OtherService)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class EventStream:
    """A live connection to the feed."""

    def __init__(self, metrics):
        self.connection = http.client.HTTPConnection(urlsplit(metrics.base).netloc, timeout=20)
        self.connection.request("GET", "/ops/feed", headers={"Last-Event-ID": "77"})
        self.answer = self.connection.getresponse()

    def event(self):
        """The next event as (name, data); None at the end of the stream."""
        name = ""
        while line := self.answer.readline():
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                return name, json.loads(value)
        return None

    def until(self, part, look, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            name, data = self.event()
            if name == part and look(data):
                return data
        raise AssertionError(f"no such {part} within {seconds} s")


@pytest.fixture
def env(vhost, sqlite_url):
    prepare(vhost)
    node = vhost.node
    login = f"{quote(node.user, safe='')}:{quote(node.password, safe='')}@"
    return {
        "CONCORD_BROKER_URL": vhost.amqp_url,
        "CONCORD_DATABASE_URL": sqlite_url,
        "CONCORD_CITY": BOSTON,
        "CONCORD_MANAGEMENT_URL": node.management_url.replace("http://", f"http://{login}"),
    }


def all_told(platform):
    """The broker counts what waits and what is kept some seconds later; the log also keeps the relay's marker."""
    queues = {each["name"]: each["queue"] for each in platform["services"]}
    return platform["broker"]["state"] == "ready" and queues["metrics"] == 0 and platform["broker"]["log"] >= 3


def serve(tmp_path, env):
    return ServiceProcess("metrics", tmp_path, choose_port(0, 0, "HTTP"), env)


def test_figures_and_states_arrive_live(tmp_path, env, vhost):
    with other_service() as routing:
        away = f"http://127.0.0.1:{choose_port(0, 0, 'nobody')}"
        env["CONCORD_OPS_SERVICES"] = f"routing={routing},intake={away}"
        with serve(tmp_path, env) as metrics:
            feed = EventStream(metrics)
            assert feed.answer.headers["Content-Type"] == "text/event-stream"
            feed.until("city", lambda city: city["overall"]["received"] == 0)
            publish(vhost.amqp_url, CODEC, [received("a"), routed("a", area="B2"), delivered("a")])
            city = feed.until("city", lambda city: city["overall"]["notified"] == 1)
            platform = feed.until("platform", all_told)
            state = metrics.json("/ops/state")
            summary = metrics.json("/v1/summary")

    services = {each["name"]: each for each in platform["services"]}
    assert (services["intake"]["state"], services["intake"]["reasons"]) == ("away", ["connection refused"])
    assert (services["routing"]["state"], services["routing"]["database"]) == ("unready", "away")
    assert services["routing"]["parked"] == 3
    assert (services["metrics"]["state"], services["metrics"]["broker"]) == ("ready", ["consumer", "relay"])
    assert (city["overall"]["received"], city["periods"]["half_year"]["areas"]["B2"]["routed"]) == (1, 1)
    assert city["overall"].items() <= summary["totals"].items()
    assert set(state) == {"city", "latest", "platform"}
    assert state["city"]["overall"] == city["overall"]


def test_a_broker_that_goes_away_is_told_and_the_figures_stay(tmp_path, sqlite_url):
    port = choose_port(0, 0, "nobody")
    env = {"CONCORD_BROKER_URL": f"amqp://a:b@127.0.0.1:{port}/", "CONCORD_DATABASE_URL": sqlite_url}
    process = ServiceProcess("metrics", tmp_path, choose_port(0, 0, "HTTP"), env)
    try:
        until(lambda: listening(process))
        platform = EventStream(process).until("platform", lambda each: True)
        assert platform["broker"]["state"] == "away"
        assert platform["services"][0]["state"] == "unready"
        assert process.json("/ops/state")["city"]["overall"]["received"] == 0
        assert process.json("/ops/map")["areas"] == []
    finally:
        process.__exit__()


def listening(process):
    try:
        return process.get("/healthz")[0] == 200
    except OSError:
        return False


def test_a_stop_ends_the_feeds_in_time(tmp_path, env):
    with serve(tmp_path, env) as metrics:
        feeds = [EventStream(metrics) for _ in range(3)]
        for each in feeds:
            each.until("city", lambda city: True)
        begun = time.monotonic()
        metrics.process.terminate()
        for each in feeds:
            while each.event():
                pass
        assert metrics.process.wait(10) == 0
        assert time.monotonic() - begun < 6


def test_the_page_and_its_files(tmp_path, env):
    with serve(tmp_path, env) as metrics:
        drawn = until(lambda: metrics.json("/ops/map")["areas"] and metrics.json("/ops/map"))
        assert {each["code"] for each in drawn["areas"]} >= {"A1", "B2", "E18"}
        assert (drawn["name"], drawn["categories"]["graffiti"]) == ("Boston", "Graffiti")
        connection = http.client.HTTPConnection(urlsplit(metrics.base).netloc, timeout=10)
        connection.request("GET", "/ops")
        page = connection.getresponse()
        page.read()
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        connection.request("GET", "/ops", headers={"If-None-Match": page.headers["ETag"]})
        again = connection.getresponse()
        assert (again.status, again.read()) == (304, b"")
        assert metrics.get("/ops/assets/ops.css")[0] == metrics.get("/ops/assets/ops.js")[0] == 200
        assert metrics.get("/ops/assets/ops.html")[0] == metrics.get("/ops/assets/..%2Fboard.py")[0] == 404
