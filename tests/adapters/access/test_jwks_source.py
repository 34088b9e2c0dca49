"""Keys from a file and over HTTP: large, slow, moved and missing answers are refused in bounded time."""

import socketserver
import threading
import time

import pytest

from concord_access.adapters.jwks import MAX_JWKS_BYTES, UnreadableKeys
from concord_access.adapters.jwks_source import jwks_reader


class Answering(socketserver.BaseRequestHandler):
    """Answers by path; `/drip` never ends."""

    def handle(self):
        path = self.request.recv(4096).split()[1].decode()
        if path == "/drip":
            return self._drip()
        status, extra, body = {
            "/keys?v=2": ("200 OK", "", b'{"keys": []}'),
            "/moved": ("302 Found", "Location: /keys?v=2\r\n", b""),
            "/large": ("200 OK", "", b"x" * (MAX_JWKS_BYTES + 5000)),
            "/rubbish": ("rubbish", "", b""),
        }.get(path, ("404 Not Found", "", b"no"))
        head = f"HTTP/1.1 {status}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        return self.request.sendall(head.encode() + body)

    def _drip(self):
        try:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n")
            while not self.server.ending.wait(0.05):
                self.request.sendall(b"X-Drip: drop\r\n")
        except OSError:
            self.server.hung_up.set()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def issuer():
    with Server(("127.0.0.1", 0), Answering) as server:
        server.ending, server.hung_up = threading.Event(), threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.ending.set()
        server.shutdown()
        thread.join()


def address(issuer, path):
    return f"http://127.0.0.1:{issuer.server_address[1]}{path}"


def test_a_good_answer(issuer):
    assert jwks_reader(address(issuer, "/keys?v=2"))() == b'{"keys": []}'


@pytest.mark.parametrize(
    ("path", "said"),
    [("/moved", "unexpected status 302"), ("/", "unexpected status 404"), ("/rubbish", "response is not HTTP")],
)
def test_any_other_answer(issuer, path, said):
    with pytest.raises(UnreadableKeys, match=said):
        jwks_reader(address(issuer, path))()


def test_a_document_that_is_too_large(issuer):
    with pytest.raises(UnreadableKeys, match=f"larger than {MAX_JWKS_BYTES} bytes"):
        jwks_reader(address(issuer, "/large"))()


def test_one_who_drips_is_left(issuer):
    begun = time.monotonic()
    with pytest.raises(UnreadableKeys, match=r"timed out after 0\.3 s"):
        jwks_reader(address(issuer, "/drip"), seconds=0.3)()
    assert time.monotonic() - begun < 30
    assert issuer.hung_up.wait(30)


def test_nobody_there(issuer):
    place = address(issuer, "/")
    issuer.shutdown()
    issuer.server_close()
    with pytest.raises(UnreadableKeys, match="connection refused"):
        jwks_reader(place)()


def test_files(tmp_path):
    file = tmp_path / "jwks.json"
    with pytest.raises(UnreadableKeys, match="No such file"):
        jwks_reader(str(file))()
    file.write_bytes(b'{"keys": []}')
    assert jwks_reader(str(file))() == b'{"keys": []}'
    file.write_bytes(b"x" * (MAX_JWKS_BYTES + 5000))
    assert len(jwks_reader(str(file))()) == MAX_JWKS_BYTES + 1


@pytest.mark.parametrize(
    "place",
    [
        "http://issuer.example.org/jwks",
        "ftp://issuer.example.org/",
        "https:///jwks",
        "file:///etc/passwd",
        "https://a@b.example.org/",
    ],
)
def test_other_addresses(place):
    with pytest.raises(ValueError, match="must be a file, or an https URL"):
        jwks_reader(place)
