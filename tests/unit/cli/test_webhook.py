"""`concord webhook` without notification: what it says when there is nobody to ask, and how it asks."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from concord_cli.commands import concord
from concord_cli.webhook.commands import webhook

ENDPOINT = {
    "id": "wh_1",
    "name": "parks",
    "url": "https://hooks.example.org/",
    "types": ["concern.routed.v1"],
    "areas": None,
    "categories": ["graffiti"],
    "state": "disabled",
    "why": "gone",
    "failing": 0,
    "created_at": "2026-11-26T15:00:00Z",
    "disabled_at": "2026-11-26T16:00:00Z",
    "rests_until": None,
}


class Notification:
    """Answers each request with the next of `answers`, and keeps what was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str, str, Any]] = []
        self.server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self.server.server_address[1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        notification = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = self.command, self.path, self.headers["Authorization"], json.loads(sent or b"null")
                notification.asked.append(asked)
                status, body = notification.answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"" if body is None else json.dumps(body).encode())

            do_POST = do_DELETE = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        return Handler


@pytest.fixture
def notification() -> Iterator[Notification]:
    made = Notification()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def home(tmp_path: Path, notification: Notification) -> Path:
    """As `concord up` leaves it, as far as this goes."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "ops-token").write_text("its-token\n")
    (tmp_path / "home.json").write_text(json.dumps({"ports": {"notification": notification.port}}))
    return tmp_path


def call(*arguments: str) -> Result:
    env = {"CONCORD_NOTIFICATION_URL": None, "CONCORD_OPS_TOKEN": None}
    result = CliRunner().invoke(concord, ["webhook", *arguments], env=env, prog_name="concord")
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def test_a_local_run_is_found_by_its_home(home: Path, notification: Notification) -> None:
    notification.answers = [(200, {"endpoints": [ENDPOINT]}), (200, {"endpoints": [ENDPOINT]})]
    assert "disabled (gone)" in call("list", "--home", str(home)).stdout
    assert json.loads(call("list", "--json", "--home", str(home)).stdout) == {"endpoints": [ENDPOINT]}
    assert notification.asked[0] == ("GET", "/v1/webhooks", "Bearer its-token", None)


def test_the_wish_is_sent_as_it_was_written(home: Path, notification: Notification) -> None:
    notification.answers = [(201, ENDPOINT | {"secret": "whsec_x"})]
    wish = ("--url", "https://hooks.example.org/", "--types", "a.v1, b.v1", "--categories", "graffiti")
    result = call("add", "parks", *wish, "--home", str(home))
    assert (result.exit_code, result.stdout) == (0, "whsec_x\n")
    assert "Endpoint parks (wh_1) receives matching events from now on." in result.stderr
    assert notification.asked[0][3] == {
        "name": "parks",
        "url": "https://hooks.example.org/",
        "types": ["a.v1", "b.v1"],
        "areas": None,
        "categories": ["graffiti"],
        "contact": None,
    }


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (422, {"title": "x", "errors": [{"field": "url", "detail": "The URL must be https."}]}, 2, "url: The URL must"),
        (401, {"title": "Unauthorized", "detail": "Send the token."}, 2, "Send the token."),
        (404, {"title": "Not Found", "detail": "There is no such endpoint\x1b[2J"}, 1, "no such endpoint\\x1b[2J"),
        (503, ["nonsense"], 1, "status 503"),
        (500, None, 1, "status 500"),
    ],
)
def test_refusals(home: Path, notification: Notification, status: int, body: Any, code: int, said: str) -> None:
    notification.answers = [(status, body)]
    result = call("disable", "parks", "--home", str(home))
    assert result.exit_code == code
    assert said in result.stderr


def test_nobody_to_ask(tmp_path: Path) -> None:
    assert call("list", "--home", str(tmp_path)).exit_code == 2
    assert "CONCORD_OPS_TOKEN" in call("list", "--service", "http://127.0.0.1:9").stderr
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "ops-token").write_text("x")
    (tmp_path / "home.json").write_text('{"ports": {"notification": 9}}')
    result = call("list", "--home", str(tmp_path))
    assert (result.exit_code, "Is it running?" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--overlap", "3d"), "The old secret also signs until 2026-11-29T15:00:00Z.\n"),
        (("--now",), "The old secret signs no more.\n"),
    ],
)
def test_a_rotation_says_what_becomes_of_the_old_secret(
    home: Path, notification: Notification, option: tuple[str, ...], said: str
) -> None:
    notification.answers = [(200, ENDPOINT | {"secret": "whsec_y", "former_until": "2026-11-29T15:00:00Z"})]
    result = call("rotate", "parks", *option, "--home", str(home))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "whsec_y\n", said)


def test_removing_asks_first(home: Path, notification: Notification) -> None:
    assert call("remove", "parks", "--home", str(home)).exit_code == 1
    assert notification.asked == []


@pytest.mark.parametrize("name", list(webhook.commands))
def test_every_command_has_an_example_and_json(name: str) -> None:
    text = call(name, "--help").stdout
    assert "Example" in text
    assert "--json" in text
