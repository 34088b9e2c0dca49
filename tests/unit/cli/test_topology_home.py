"""`concord topology apply` finds the broker's administrator and all passwords in the home of a local run."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from concord_bus.topology.declarations import MONITOR, SERVICES
from concord_cli import topology
from concord_cli.commands import concord
from concord_cli.common.home_folder import Home, passwords_of
from concord_nodes.node_state import Identity, remember


class Management:
    """A management API that keeps what it gets."""

    def __init__(self, url: str, **_: Any) -> None:
        self.url = url
        MADE.append(self)

    def import_definitions(self, document: Any) -> None:
        self.users = {user["name"] for user in document["users"]}


MADE: list[Management] = []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As a local run leaves it."""
    folder = tmp_path / "home"
    made = Home.open(folder)
    made.remember(ports={})
    made.close()
    (folder / "rabbitmq").mkdir()
    remember(folder / "rabbitmq", Identity("concord-1", "concord", "p@ss", "cookie", {"amqp": 1, "management": 20002}))
    monkeypatch.setattr(topology, "RabbitManagement", Management)
    MADE.clear()
    return folder


def apply(*options: str, **env: str | None) -> Result:
    call = ["topology", "apply", "--keep-bindings", *options]
    return CliRunner().invoke(concord, call, env={"CONCORD_MANAGEMENT_URL": None, **env})


def test_the_home_tells_the_administrator_and_the_passwords(home: Path) -> None:
    done = apply("--home", str(home))
    assert done.exit_code == 0, done.output
    assert MADE[0].url == "http://concord:p%40ss@127.0.0.1:20002"
    assert {*SERVICES, MONITOR} <= MADE[0].users
    assert "No login" not in done.output
    assert set(passwords_of(home)) == {*SERVICES, MONITOR}


def test_another_broker_gets_no_password_of_the_home(home: Path) -> None:
    done = apply("--home", str(home), "--management", "http://admin:secret@broker.example.org:15672")
    assert done.exit_code == 0, done.output
    assert not {*SERVICES, MONITOR} & MADE[0].users


def test_without_a_broker_both_remedies_are_named(tmp_path: Path) -> None:
    refused = apply("--home", str(tmp_path))
    assert refused.exit_code == 2
    assert "set --home to its folder, or give --management URL" in " ".join(refused.output.split())
