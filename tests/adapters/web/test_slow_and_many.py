"""Clients that are slow, silent or too many must not take the others' turn."""

import os
import socket
import time

import pytest

QUICK = {"idle_timeout": 0.4, "head_timeout": 0.4, "body_timeout": 0.4, "stream_timeout": 0.4}


def trickle(client, data: bytes, pause: float = 0.05) -> None:
    """Send byte by byte until the server has had enough."""
    for byte in data:
        try:
            client.send(bytes([byte]))
        except ConnectionError:
            return
        time.sleep(pause)


def test_a_silent_connection_is_closed(serve):
    client = serve(**QUICK).client(timeout=5)
    assert client.closed()


def test_an_idle_kept_connection_is_closed(serve):
    client = serve(**QUICK).client(timeout=5)
    assert client.ask("GET", "/hello").status == 200
    assert client.closed()


def test_trickled_headers_time_out_however_steady(serve):
    running = serve(**QUICK)
    client = running.client(timeout=5)
    started = time.monotonic()
    trickle(client, b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"x" * 40)
    assert client.reply().status == 408
    assert client.closed()
    assert time.monotonic() - started < 5
    assert 'refused_total{reason="slow_head"} 1.0' in running.ask("GET", "/metrics").body.decode()


def test_a_trickled_body_times_out_however_steady(serve):
    client = serve(**QUICK).client(timeout=5)
    client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n")
    trickle(client, b"x" * 40)
    assert client.reply().status == 408
    assert client.closed()


def test_a_stream_may_take_its_time_but_not_fall_silent(serve):
    client = serve(**QUICK).client(timeout=5)
    client.send(b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
    for _ in range(10):
        client.send(b"a\n")
        time.sleep(0.1)
    assert client.reply().status == 408


def test_a_slow_handler_is_not_timed_out_by_the_limits_of_reading(serve):
    reply = serve(**QUICK).ask("GET", "/slow?seconds=1")
    assert reply.json == {"slow": True}


def test_a_handler_may_work_longer_than_the_body_had_to_arrive(serve):
    client = serve(**QUICK).client(timeout=5)
    assert client.ask("POST", "/toil", b"abc").json == {"length": 3}
    assert client.ask("GET", "/hello").status == 200


def test_a_client_that_does_not_read_is_given_up(serve):
    running = serve(write_timeout=0.3)
    client = running.client()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.send(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    running.eventually(lambda: running.ask("GET", "/journal").json["closed_streams"] == 1)


@pytest.mark.parametrize("begun", [b"", b"GET /hello HTTP/1.1\r\nHost: "])
def test_a_thousand_half_open_connections_do_not_stop_the_others(serve, begun):
    running = serve(descriptors=160)
    clients = []
    try:
        for number in range(1000):
            clients.append(socket.create_connection(("127.0.0.1", running.port), timeout=5))
            if begun:
                clients[-1].sendall(begun)
            if number % 100 == 99:
                assert running.ask("GET", "/hello").status == 200
        assert running.ask("GET", "/hello").status == 200
        metrics = running.ask("GET", "/metrics").body.decode()
        assert 'refused_total{reason="evicted"}' in metrics
        assert running.process.poll() is None
    finally:
        for client in clients:
            client.close()


def test_when_every_connection_is_at_work_new_ones_are_told_so(serve):
    running = serve(max_connections=8)
    busy = [running.client().send(b"GET /slow?seconds=3 HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(8)]
    probe = running.client()
    reply = probe.reply()
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert probe.closed()
    assert [client.reply().status for client in busy] == [200] * 8
    assert running.ask("GET", "/hello").status == 200


def test_the_longest_idle_connection_makes_room(serve):
    running = serve(max_connections=8)
    clients = [running.client() for _ in range(8)]
    for client in clients:
        assert client.ask("GET", "/hello").status == 200
    assert clients[0].ask("GET", "/hello").status == 200
    assert running.ask("GET", "/hello").status == 200
    assert clients[1].closed()
    assert clients[0].ask("GET", "/hello").status == 200


def test_running_out_of_descriptors_is_survived(serve):
    running = serve(descriptors=200)
    glutton, idle = running.client(), running.client()
    assert idle.ask("GET", "/hello").status == 200
    glutton.send(b"GET /eat HTTP/1.1\r\nHost: a\r\n\r\n")
    running.eventually(lambda: len(os.listdir(f"/proc/{running.process.pid}/fd")) == 200)
    late = [running.client() for _ in range(5)]
    for client in late:
        client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert idle.closed()
    assert "cannot accept (Too many open files)" in running.log()
    assert [client.reply().status for client in late] == [200] * 5
    assert glutton.reply().json["eaten"] > 50
    assert running.ask("GET", "/hello").status == 200
