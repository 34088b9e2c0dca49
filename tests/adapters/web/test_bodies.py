"""Bodies over the limit cost neither memory nor patience."""

MEGABYTE = 1024 * 1024


def declared(length: int, path: bytes = b"/echo") -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        path,
        length,
    )


def send_until_refused(client, piece: bytes, times: int) -> int:
    """How many pieces went out before the server stopped listening."""
    for sent in range(times):
        try:
            client.send(piece)
        except (ConnectionError, TimeoutError):
            return sent
    return times


def test_a_body_over_the_default_limit_is_refused_before_it_is_sent(server):
    client = server.client().send(declared(256 * 1024 + 1))
    reply = client.reply()
    assert reply.status == 413
    assert "262144 bytes" in reply.json["detail"]
    assert client.closed()


def test_a_body_over_the_limit_never_reaches_the_method(server):
    assert server.client().send(declared(256 * 1024 + 1, b"/ignore")).reply().status == 413


def test_a_body_at_the_limit_is_read(server):
    body = b'"' + b"x" * (256 * 1024 - 2) + b'"'
    reply = server.ask("POST", "/echo", body, Content_Type="application/json")
    assert (reply.status, len(reply.body)) == (200, 256 * 1024)


def test_a_route_has_its_own_limit(server):
    assert server.ask("POST", "/length", b"x" * 1000).json == {"length": 1000}
    assert server.ask("POST", "/length", b"x" * 1001).status == 413


def test_a_chunked_body_over_the_limit_is_refused_while_it_arrives(server):
    client = server.client()
    client.send(b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.send(b"258\r\n" + b"x" * 600 + b"\r\n" + b"258\r\n" + b"x" * 600 + b"\r\n")
    assert client.reply().status == 413
    assert client.closed()


def test_sixty_megabytes_are_refused_in_bounded_memory(server):
    before = server.ask("GET", "/journal").json["peak_kib"]
    for head in (
        declared(60 * MEGABYTE),
        b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3c00000\r\n",
    ):
        client = server.client().send(head)
        sent = send_until_refused(client, b"x" * MEGABYTE, 60)
        assert sent < 60, "the server read all of it"
        client.close()
    assert server.ask("GET", "/journal").json["peak_kib"] - before < 10 * 1024


def test_a_client_that_sends_three_megabytes_first_still_reads_its_answer(server):
    client = server.client().send(declared(3 * MEGABYTE))
    client.send(b"x" * (3 * MEGABYTE))
    assert client.reply().status == 413


def test_a_body_that_breaks_off_is_not_handled(server):
    client = server.client().send(declared(100) + b"{")
    before = server.ask("GET", "/journal").json
    client.close()
    server.eventually(lambda: server.ask("GET", "/journal").json["failed"] == before["failed"] + 1)
    assert "Traceback" not in server.log()
