"""`concord up` starts again on other ports when another program takes one that nobody asked for."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.up import run as module
from concord_cli.up.bootstrap import Installation
from concord_cli.up.options import UpOptions
from concord_nodes.tcp_ports import LOOPBACK, free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server((LOOPBACK, port := free_port())):
        yield port


def built(*chosen: int) -> Installation:
    nothing: Any = None
    return Installation([], [], nothing, "", True, {}, {}, frozenset(chosen))


def run(
    monkeypatch: pytest.MonkeyPatch, folder: Path, starts: list[Installation], failures: list[str]
) -> tuple[int, int]:
    """Run over these starts, of which the first ones fail; the exit code and the number of starts."""
    begun: list[Installation] = []

    def build(*_: object) -> Installation:
        begun.append(starts[len(begun)])
        return begun[-1]

    def run_built() -> int:
        if len(begun) <= len(failures):
            raise UsageError(failures[len(begun) - 1])
        return 0

    monkeypatch.setattr(module, "build", build)
    monkeypatch.setattr(module, "Run", lambda *_: SimpleNamespace(run=run_built))
    wishes = UpOptions(folder / "home", folder, None, False, True, True, None, None, None, {}, 0, None, None, None)
    return module.run(wishes), len(begun)


def test_a_chosen_port_that_is_taken_is_lost(taken: int) -> None:
    assert built(free_port(), taken).lost_port("routing cannot run: something is wrong.")
    assert not built(free_port()).lost_port("routing cannot run: something is wrong.")


def test_a_chosen_port_that_was_taken_for_a_moment_is_lost() -> None:
    port = free_port()
    assert built(port).lost_port(f"intake cannot run: 127.0.0.1:{port} is in use by another process: stop it.")
    assert built(port).lost_port(f"Port {port} on 127.0.0.1, wanted for RabbitMQ (amqp), is taken by another program.")
    assert not built(port).lost_port("intake cannot run: 127.0.0.1:8080 is in use by another process: stop it.")


def test_it_starts_again_on_other_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken: int) -> None:
    assert run(monkeypatch, tmp_path, [built(taken), built(free_port())], ["in use"]) == (0, 2)


def test_it_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken: int) -> None:
    with pytest.raises(UsageError, match="third"):
        run(monkeypatch, tmp_path, [built(taken)] * 3, ["first", "second", "third"])


def test_another_problem_ends_it_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such city"):
        run(monkeypatch, tmp_path, [built(free_port())], ["no such city"])
