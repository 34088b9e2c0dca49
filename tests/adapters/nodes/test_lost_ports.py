"""Ports that another program takes: every kind of node tries others, and names one that was asked for."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from concord_nodes import MailNode, NodeError, PortTaken, PostgresNode, PrometheusNode, RabbitNode, mail_catcher
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.mail_catcher import MailCatcher
from concord_nodes.node_ports import ATTEMPTS, NodePorts
from concord_nodes.port_range import ephemeral_range
from concord_nodes.tcp_ports import LOOPBACK, free_port, free_ports

ROOT = Path(__file__).parents[3]
Taker = Callable[[Callable[[], int]], list[int]]


@pytest.fixture
def take_before_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Taker]:
    """Take the port that a node chose, just before its program first starts; gives the list of what was taken."""
    with ExitStack() as held:

        def arrange(port: Callable[[], int]) -> list[int]:
            start = GuardedChild.start
            taken: list[int] = []

            def start_late(child: GuardedChild, *arguments: object, **named: object) -> None:
                if not taken:
                    taken.append(port())
                    held.enter_context(socket.create_server((LOOPBACK, taken[0])))
                start(child, *arguments, **named)  # type: ignore[arg-type]

            monkeypatch.setattr(GuardedChild, "start", start_late)
            return taken

        yield arrange


def rabbit_port(node: RabbitNode, listener: str) -> int:
    return node.ports[listener]


@pytest.mark.parametrize("listener", ["amqp", "distribution", "epmd"])
def test_rabbitmq_starts_on_another_port(
    rabbit: RabbitNode, parts_folder: Path, take_before_start: Taker, listener: str
) -> None:
    node = RabbitNode(parts_folder / f"rabbit-lost-{listener}")
    lost = take_before_start(lambda: rabbit_port(node, listener))
    try:
        node.start()
        assert node.ready()
        assert [rabbit_port(node, listener)] != lost != []
    finally:
        node.discard()


def test_postgresql_starts_on_another_port(
    postgres: PostgresNode, parts_folder: Path, take_before_start: Taker
) -> None:
    node = PostgresNode(parts_folder / "postgres-lost")
    lost = take_before_start(lambda: node.port)
    try:
        node.start()
        assert node.ready()
        assert [node.port] != lost != []
    finally:
        node.discard()


def test_prometheus_starts_on_another_port(
    prometheus: PrometheusNode, tmp_path: Path, take_before_start: Taker
) -> None:
    node = PrometheusNode(tmp_path)
    lost = take_before_start(lambda: node.port)
    with node:
        assert node.ready()
        assert [node.port] != lost != []


@pytest.mark.parametrize("listener", ["smtp_port", "http_port"])
def test_the_mail_node_starts_on_another_port(tmp_path: Path, take_before_start: Taker, listener: str) -> None:
    node = MailNode(tmp_path)
    lost = take_before_start(lambda: getattr(node, listener))
    with node:
        assert node.ready()
        assert [getattr(node, listener)] != lost != []


def test_the_mail_catcher_listens_on_another_port(monkeypatch: pytest.MonkeyPatch) -> None:
    listen, tried = mail_catcher.listen, []

    async def listen_late(handler: object, port: int) -> object:
        tried.append(port)
        if len(tried) > 1:
            return await listen(handler, port)
        with socket.create_server((LOOPBACK, port)):
            return await listen(handler, port)

    monkeypatch.setattr(mail_catcher, "listen", listen_late)
    with MailCatcher() as catcher:
        assert [catcher.port] == tried[1:]
        assert tried[0] != tried[1]


@pytest.mark.parametrize(
    ("listener", "make"),
    [
        (r"RabbitMQ \(management\)", lambda folder, port: RabbitNode(folder, management_port=port)),
        ("PostgreSQL", lambda folder, port: PostgresNode(folder, port=port)),
        ("Prometheus", lambda folder, port: PrometheusNode(folder, port=port)),
        (r"the mail catcher \(page\)", lambda folder, port: MailNode(folder, http_port=port)),
    ],
)
def test_a_port_asked_for_that_is_lost_while_starting_is_named(
    rabbit: RabbitNode,
    postgres: PostgresNode,
    prometheus: PrometheusNode,
    parts_folder: Path,
    take_before_start: Taker,
    listener: str,
    make: Callable[[Path, int], RabbitNode | PostgresNode | PrometheusNode | MailNode],
) -> None:
    port = free_port()
    node = make(parts_folder / f"asked-{port}", port)
    take_before_start(lambda: port)
    sentence = f"^Port {port} on 127.0.0.1, wanted for {listener}, is taken by another program. Stop that program or "
    with pytest.raises(PortTaken, match=sentence + r"choose another port\.$"):
        node.start()
    assert not node.alive


def test_the_mail_program_names_a_taken_port_in_one_line(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "concord_nodes.mail_catcher", "--smtp-port", str(port), "--http-port", "0"]
    with socket.create_server((LOOPBACK, port)):
        done = subprocess.run([*command, "--folder", str(tmp_path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1, wanted for the mail catcher (smtp), is taken")
    assert done.stderr.count("\n") == 1


def test_a_port_taken_for_a_moment_leads_to_other_ports() -> None:
    tried: list[int] = []

    def attempt(ports: object) -> None:
        tried.append(ports["http"])  # type: ignore[index]
        if len(tried) == 1:
            raise NodeError("It ended: bind: address already in use.", "See its log.")

    NodePorts("A node", {"http": 0}).start(attempt, {})
    assert len(set(tried)) == 2


def test_attempts_end() -> None:
    tried: list[object] = []

    def attempt(ports: object) -> None:
        tried.append(ports)
        raise NodeError("It ended: eaddrinuse.", "See its log.")

    with pytest.raises(NodeError, match=f"A node lost its ports to other programs {ATTEMPTS} times"):
        NodePorts("A node", {"http": 0}).start(attempt, {})
    assert len(tried) == ATTEMPTS


def test_any_other_problem_is_not_tried_again() -> None:
    tried: list[object] = []

    def attempt(ports: object) -> None:
        tried.append(ports)
        raise NodeError("A key of the configuration is unknown.", "Correct it.")

    with pytest.raises(NodeError, match="A key of the configuration is unknown"):
        NodePorts("A node", {"http": 0}).start(attempt, {})
    assert len(tried) == 1


def test_processes_that_choose_at_once_get_distinct_ports() -> None:
    command = [sys.executable, str(Path(__file__).with_name("port_chooser.py")), "40"]
    with ExitStack() as running:
        choosers = [
            running.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(8)
        ]
        chosen: list[int] = free_ports(40)
        for chooser in choosers:
            assert chooser.stdout
            chosen += map(int, chooser.stdout.readline().split())
        for chooser in choosers:
            chooser.communicate(timeout=20)
    low, high = ephemeral_range()
    assert len(set(chosen)) == len(chosen) == 9 * 40
    assert not set(chosen) & set(range(low, high + 1))


def test_nodes_start_beside_a_program_that_opens_many_connections(
    rabbit: RabbitNode, postgres: PostgresNode, parts_folder: Path, tmp_path: Path
) -> None:
    load = [sys.executable, str(ROOT / "tests/chaos/connection_load.py"), "--rate", "200", "--seconds", "300"]
    with subprocess.Popen(load, stdout=subprocess.PIPE, text=True) as busy:
        try:
            assert busy.stdout
            assert busy.stdout.readline().startswith("200 connections a second")
            for number in range(3):
                with PostgresNode(parts_folder / f"busy-postgres-{number}") as node, MailNode(tmp_path / str(number)):
                    assert node.ready()
            started = RabbitNode(parts_folder / "busy-rabbit")
            try:
                assert started.start().ready()
            finally:
                started.discard()
            assert busy.poll() is None
        finally:
            busy.kill()
