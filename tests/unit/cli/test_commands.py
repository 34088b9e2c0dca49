"""The command line: help, quick and lazy; wrong calls in one line with exit code 2."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from concord_bus.topology.declarations import SERVICES
from concord_cli import __version__
from concord_cli.commands import COMMANDS, concord
from concord_cli.topology import from_environment
from concord_cli.up.options import broker_address, sample_city

from .record_files import GOOD, write_records

HEAVY = ("eventlet", "nameko", "sqlalchemy", "shapely", "rich", "marshmallow", "cryptography", "concord_bus")


def call(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(concord, list(arguments), env=env, prog_name="concord")


def failure(result: Result) -> str:
    """The one line that says why."""
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.output.strip().splitlines()[-1]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from concord_cli.commands import concord\n"
        "try: concord(['--help'])\n"
        f"except SystemExit: print('HEAVY', [each for each in {HEAVY} if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


OPERATORS = ["parked list", "parked show", "parked replay", "parked drop", "tail", "doctor", "completion"]
SUBSCRIBER = ["add", "list", "show", "usage", "rotate", "suspend", "resume", "remove", "replay"]
OPERATORS += ["subscriber", *(f"subscriber {each}" for each in SUBSCRIBER)]
WITH_EXAMPLES = ["up", "city init", "serve", "topology show", "topology apply", "keys new", *OPERATORS, "parked"]


@pytest.mark.parametrize("path", [*WITH_EXAMPLES, "city", "city check", "topology", "keys"])
def test_every_command_has_help(path: str) -> None:
    result = call(*path.split(), "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: concord {path} ")


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_help_has_examples(path: str) -> None:
    assert "concord " + path in call(*path.split(), "--help").output.partition("Example")[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_commands_and_options(shell: str) -> None:
    assert "_CONCORD_COMPLETE" in call("completion", shell).output
    asked = {"_CONCORD_COMPLETE": f"{shell}_complete", "COMP_WORDS": "concord subscriber s"}
    asked["COMP_CWORD"] = "s" if shell == "fish" else "2"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "concord_cli"],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "suspend" in done.stdout


def test_version() -> None:
    assert call("--version").output == f"concord, version {__version__}\n"


def test_unknown_command() -> None:
    assert failure(call("go")) == "Error: No such command 'go'."


def test_keys_new_is_a_fernet_key_and_new_each_time() -> None:
    first, second = (call("keys", "new").output.strip() for _ in range(2))
    assert first != second
    assert Fernet(first).decrypt(Fernet(first).encrypt(b"x")) == b"x"


def test_topology_show_tells_all_but_passwords() -> None:
    result = call("topology", "show", "--vhost", "city")
    shown = json.loads(result.output)
    assert {each["name"] for each in shown["users"]} == set(SERVICES)
    assert "hash" not in result.output
    assert {each["vhost"] for each in shown["queues"]} == {"city"}
    assert {each["user"] for each in shown["permissions"]} == set(SERVICES)


def test_topology_apply_without_a_broker() -> None:
    said = failure(call("topology", "apply", "--management", "http://a:b@127.0.0.1:9"))
    where = "the management API at http://127.0.0.1:9"
    assert said == f"Error: no response from {where}: connection refused. Is the plugin enabled?"


@pytest.mark.parametrize("url", ["127.0.0.1:15672", "localhost:15672", "http://host:99999", "amqp://host"])
@pytest.mark.parametrize("command", [("topology", "apply"), ("subscriber", "list"), ("doctor",)])
def test_a_management_url_that_is_none(command: tuple[str, ...], url: str) -> None:
    said = failure(call(*command, "--management", url))
    assert said == "Error: --management must look like http://user:password@host:15672"


def test_passwords_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    for content, said in (
        ("{", "is not valid JSON"),
        ("\ufeff[]", "must contain one JSON object"),
        ("[]", "must contain one JSON object"),
        ('{"intake": ""}', "must contain one JSON object"),
        ('{"metric": "x"}', "names unknown services: metric; known are intake, "),
    ):
        file.write_text(content)
        assert said in failure(call("topology", "apply", "--management", "http://x", "--passwords", str(file)))


def test_passwords_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("two\n")
    env = {"CONCORD_INTAKE_PASSWORD": "one", "CONCORD_ROUTING_PASSWORD_FILE": str(tmp_path / "password")}
    assert from_environment(env) == {"intake": "one", "routing": "two"}
    missing = {"CONCORD_METRICS_PASSWORD_FILE": str(tmp_path / "none")}
    said = failure(call("topology", "apply", "--management", "http://x", env=missing))
    assert said == "Error: CONCORD_METRICS_PASSWORD_FILE cannot be read: No such file or directory"


def serve(name: str, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("CONCORD_")}
    command = [sys.executable, "-m", "concord_cli", "serve", name]
    return subprocess.run(command, env=plain | env, capture_output=True, text=True, timeout=60, check=False)


def test_serve_says_in_one_line_what_is_wrong() -> None:
    unknown, unset = serve("mailing"), serve("metrics")
    assert (unknown.returncode, unset.returncode) == (2, 2)
    assert unknown.stderr == ("Error: No service 'mailing': choose one of intake, routing, notification, metrics.\n")
    assert unset.stderr.count("\n") == 1
    line = json.loads(unset.stderr)
    assert (line["service"], line["level"], line["message"][:12]) == ("metrics", "critical", "set CONCORD_")


def test_up_options_that_need_or_exclude_one_another(tmp_path: Path) -> None:
    records = str(write_records(tmp_path))
    assert "exclude each other" in failure(call("up", "--no-import", "--records", records))
    assert "--columns and --from need --records" in failure(call("up", "--from", "boston311"))
    assert "--broker needs --management too" in failure(call("up", "--broker", "amqp://x"))
    assert "--smtp needs --mail-from" in failure(call("up", "--smtp", "smtp://x"))
    assert "65536 is not in the range" in failure(call("up", "--port-base", "65536"))


def test_up_with_wrong_records_starts_nothing(tmp_path: Path) -> None:
    records = write_records(tmp_path, GOOD.format(1).replace("2015", "soon"))
    said = failure(call("up", "--home", str(tmp_path / "home"), "--records", str(records)))
    assert said.startswith("Error: records.csv line 2, column n_time: 'soon-01-01T10:56:16-05:00' is not a time")
    assert not (tmp_path / "home").exists()


def test_up_without_rabbitmq_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord_nodes.rabbitmq_config.SCRIPT_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    said = failure(call("up", "--home", str(tmp_path / "home")))
    assert said.startswith("Error: RabbitMQ is not installed. Install it, on Debian or Ubuntu with: apt-get install")


def test_up_outside_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"No sample at .*: set --city"):
        sample_city(tmp_path)


def test_the_address_of_a_running_broker() -> None:
    place = broker_address("amqp://ignored:login@broker.example.org/a%2Fb")
    assert (place.host, place.port, place.vhost) == ("broker.example.org", 5672, "a/b")
    assert broker_address("amqp://broker:5673").vhost == "/"
    assert broker_address("amqp://[::1]:5673").authority == "[::1]:5673"
    for wrong in ("http://broker", "amqp://", "broker:5672", "amqp://broker:port", "amqp://[::1"):
        with pytest.raises(Exception, match="--broker must look like"):
            broker_address(wrong)
