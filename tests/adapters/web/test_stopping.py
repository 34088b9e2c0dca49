"""Stopping with grace, being killed, and a port that is taken."""

import signal
import socket
import time


def slow(running, seconds: float):
    """A request in flight, known to have reached the service."""
    before = running.ask("GET", "/journal").json["setup"]
    client = running.client().send(b"GET /slow?seconds=%.1f HTTP/1.1\r\nHost: a\r\n\r\n" % seconds)
    running.eventually(lambda: running.ask("GET", "/journal").json["setup"] > before + 1)
    return client


def test_requests_in_flight_are_answered_and_idle_connections_closed(serve):
    running = serve()
    idle = running.client()
    assert idle.ask("GET", "/hello").status == 200
    begun = slow(running, 5)
    started = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert idle.closed()
    assert time.monotonic() - started < 4, "closed while the other was still being answered"
    reply = begun.reply()
    assert (reply.json, reply.headers["connection"]) == ({"slow": True}, "close")
    assert running.process.wait(10) == 0


def test_new_connections_are_refused_while_stopping(serve):
    running = serve()
    begun = slow(running, 5)
    running.process.send_signal(signal.SIGTERM)

    def refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        return False

    running.eventually(refused, seconds=4.0)
    assert begun.reply().status == 200


def test_grace_is_bounded(serve):
    running = serve(grace=0.5)
    slow(running, 60)
    endless = running.client().send(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    assert endless.head()[0] == 200
    started = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - started < 10


def test_a_stream_without_end_ends_in_order_when_the_service_stops(serve):
    running = serve(grace=30)
    live = running.client().send(b"GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n")
    assert live.head()[0] == 200
    assert live.chunk() == b"data: tick\n\n"
    started = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert set(iter(live.chunk, b"")) <= {b"data: tick\n\n"}, "it ends with a last, empty chunk"
    assert running.process.wait(10) == 0
    assert time.monotonic() - started < 5


def test_without_requests_it_stops_at_once(serve):
    running = serve(grace=30)
    half_open = running.client().send(b"GET /hel")
    assert running.ask("GET", "/hello").status == 200
    started = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - started < 15
    assert half_open.closed()


def test_kill_does_not_wait(serve):
    running = serve(grace=30)
    begun = slow(running, 60)
    started = time.monotonic()
    assert running.stop(signal.SIGUSR1) == 0
    assert time.monotonic() - started < 15
    assert begun.closed()


def test_a_taken_port_is_one_line_that_says_what_to_do(serve):
    first = serve()
    second = serve(port=first.port)
    assert second.process.wait(10) == 3
    (line,) = [each for each in second.log().splitlines() if "in use" in each]
    assert line.startswith(f"127.0.0.1:{first.port} is in use by another process")
    assert "CONCORD_HTTP_PORT" in line
    assert "Traceback" not in second.log()
    assert first.ask("GET", "/hello").status == 200


def test_an_address_that_is_not_ours_is_one_line_too(serve):
    second = serve(host="192.0.2.1")
    assert second.process.wait(10) == 3
    assert "cannot listen on 192.0.2.1" in second.log()
