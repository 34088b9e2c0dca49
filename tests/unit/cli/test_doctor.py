"""`concord doctor`: where it looks, what it makes of files, databases and answers, and how it tells."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from concord_bus.adapters.sql.migrate import upgrade
from concord_cli.commands import concord
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import Home
from concord_cli.doctor.database_probe import examine_database
from concord_cli.doctor.findings import Level, ok, problem, warning
from concord_cli.doctor.machine_probe import keys_of_environment, keys_of_home, read_key_file
from concord_cli.doctor.report import as_json, as_lines
from concord_cli.doctor.service_probe import examine_service
from concord_cli.doctor.targets import local_targets, named_targets
from concord_contracts.encryption import new_key
from concord_nodes.node_state import Identity, remember

SERVER = "postgresql+psycopg2://concord:secret@db.example.org:5432/"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """As a local run leaves it."""
    folder = tmp_path / "home"
    made = Home.open(folder)
    made.remember(ports={"intake": 8080, "metrics": 8083, "amqp": 20001})
    made.close()
    (folder / "rabbitmq").mkdir()
    ports = {"amqp": 20001, "management": 20002}
    remember(folder / "rabbitmq", Identity("concord-1", "concord", "p@ss", "cookie", ports))
    (folder / "metrics" / "metrics.db").touch()
    return folder


def test_a_home_tells_where_everything_is(home: Path) -> None:
    found = local_targets(home)
    assert found.management == "http://concord:p%40ss@127.0.0.1:20002"
    assert found.services == {"intake": "http://127.0.0.1:8080", "metrics": "http://127.0.0.1:8083"}
    assert found.databases == {"metrics": f"sqlite:///{home}/metrics/metrics.db"}
    assert [each.user for each in found.logins] == ["intake", "routing", "notification", "metrics"]
    assert home / "keys" / "vault" in found.key_files


def test_no_home() -> None:
    with pytest.raises(UsageError, match="No local run in nowhere"):
        local_targets(Path("nowhere"))


def test_what_is_named_on_the_command_line(tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path}/intake.db"
    found = named_targets(
        "http://a:b@broker:15672", "v", ["amqp://u:p@broker/v"], ["intake=http://intake:8080/"], [SERVER]
    )
    assert found.services == {"intake": "http://intake:8080"}
    assert found.databases["routing"] == f"{SERVER}concord_routing"
    assert (found.logins[0].user, found.logins[0].vhost, found.vhost) == ("u", "v", "v")
    mixed = named_targets(None, "/", [], [], [SERVER, f"intake={file}"])
    assert (mixed.databases["intake"], mixed.folders) == (file, [tmp_path])


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--service", "http://intake:8080"], "--service must look like NAME=URL"),
        (["--service", "intake=intake:8080"], "--service must look like intake=http"),
        (["--database", "mailing=x"], "--database must look like intake=URL"),
        (["--database", SERVER[:-1] + "/one"], "or be the URL of a server and end in /"),
        (["--database", "intake=nonsense"], "the URL must begin with sqlite:/// or"),
        (["--management", "broker:15672"], "--management must look like"),
        (["--broker", "broker"], "--broker must look like"),
    ],
)
def test_wrong_calls(arguments: list[str], part: str) -> None:
    result = CliRunner().invoke(concord, ["doctor", *arguments])
    assert result.exit_code == 2
    assert part in result.stderr


def test_the_worst_comes_last_and_says_what_to_do() -> None:
    lines = click.unstyle(
        as_lines([problem("broker", "down", "Start it."), ok("keys", "fine"), warning("disk", "low", "Free it.")])
    )
    assert [each.split()[0] for each in lines.splitlines()] == ["ok", "warning", "→", "problem", "→", "3"]
    assert lines.endswith("→ Start it.\n3 checks: 1 problem, 1 warning.")


def test_json_counts_and_lists() -> None:
    answer = json.loads(as_json([ok("keys", "fine"), problem("broker", "down", "Start it.")]))
    assert (answer["healthy"], answer["problems"], answer["warnings"]) == (False, 1, 0)
    assert answer["findings"][1] == {"level": "problem", "about": "broker", "what": "down", "remedy": "Start it."}


def test_key_files_are_read_as_they_lie_there(home: Path) -> None:
    files = local_targets(home).key_files
    assert all(each.fault is None and each.mode == 0o600 for each in keys_of_home(files))
    vault = home / "keys" / "vault"
    vault.chmod(0o644)
    assert read_key_file(vault, fernet=True).mode == 0o644
    vault.write_text("no key")
    assert read_key_file(vault, fernet=True).fault == "contains text that is not a Fernet key"
    vault.write_text("")
    assert read_key_file(vault, fernet=False).fault == "is empty"
    vault.unlink()
    assert read_key_file(vault, fernet=True).fault == "cannot be read (No such file or directory)"


def test_keys_of_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "routing.key"
    file.write_text(f"{new_key()}\n{new_key()}\n")
    file.chmod(0o600)
    env = {"CONCORD_KEYS_ROUTING_FILE": str(file), "CONCORD_VAULT_KEYS": "wrong", "CONCORD_OPS_TOKEN": "x"}
    found = {each.name: each.fault for each in keys_of_environment(env)}
    assert found == {
        str(file): None,
        "CONCORD_VAULT_KEYS": "contains text that is not a Fernet key",
        "CONCORD_OPS_TOKEN": None,
    }


def test_a_database_up_to_date_behind_and_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/metrics.db"
    assert "there is no file" in examine_database("metrics", url).what
    upgrade(url, "concord_metrics")
    assert examine_database("metrics", url).level is Level.OK
    (tmp_path / "empty.db").touch()
    behind = examine_database("metrics", f"sqlite:///{tmp_path}/empty.db")
    assert "the schema of metrics is at nothing" in behind.what
    (tmp_path / "text.db").write_text("no database at all, but a text of some length" * 50)
    assert examine_database("metrics", f"sqlite:///{tmp_path}/text.db").level is Level.PROBLEM
    away = examine_database("metrics", "postgresql+psycopg2://u:secret@127.0.0.1:1/x")
    assert away.what.startswith("cannot be reached: ")
    assert "secret" not in away.what


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_service_is_asked_for_its_readiness() -> None:
    with answering(503, b'{"ready": false, "reasons": ["the relay is away"]}') as url:
        found = list(examine_service("intake", url))
    assert found[0].what == "not ready: the relay is away"
    assert found[-1] == ok("clock", "agrees with that of intake")


def test_a_ready_service_that_is_refused_something_is_a_warning_in_the_broker_s_words() -> None:
    refused = "the broker refuses row 17 of the outbox (concern.submitted.v1, 9 bytes): PRECONDITION_FAILED - …"
    body = json.dumps({"ready": True, "reasons": [], "warnings": [refused]}).encode()
    with answering(200, body) as url:
        found = list(examine_service("intake", url))
    assert ok("intake", "ready") in found
    assert (found[1].level, found[1].what) == (Level.WARNING, refused)


def test_something_else_at_the_services_address() -> None:
    with answering(404, b"<html>") as url:
        assert next(examine_service("intake", url)).what == "not ready: it answers 404 to /readyz"
    gone = next(examine_service("intake", url))
    assert gone.what == f"no response from {url}: connection refused"


def test_something_else_at_the_brokers_address() -> None:
    for status, body, part in (
        (200, b"<html>", "answered 200 to /api/overview"),
        (401, b"", "refused the login"),
        (500, b"", "answered 500"),
    ):
        with answering(status, body) as url:
            result = CliRunner().invoke(concord, ["doctor", "--management", url])
        assert result.exit_code == 1
        assert part in result.stdout


def test_a_local_run_on_a_server_of_databases(home: Path) -> None:
    """The home knows all but the server, which is named beside it."""
    result = CliRunner().invoke(
        concord, ["doctor", "--home", str(home), "--json", "--database", "intake=sqlite:////x.db"]
    )
    about = [each["about"] for each in json.loads(result.stdout)["findings"]]
    assert "keys" in about
    assert [each for each in about if each.startswith("database")] == ["database of intake"]
