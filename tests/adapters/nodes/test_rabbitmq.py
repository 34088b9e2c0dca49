"""A private RabbitMQ node: starting, ending in every way, and what survives."""

import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from concord_nodes import NodeError, RabbitNode
from concord_nodes.tcp_ports import free_port, until


def connect(node: RabbitNode, vhost: str = "/") -> pika.BlockingConnection:
    parameters = pika.URLParameters(node.amqp_url(vhost=vhost))
    parameters.socket_timeout = parameters.blocked_connection_timeout = 5
    return pika.BlockingConnection(parameters)


def confirmed(node: RabbitNode) -> BlockingChannel:
    channel = connect(node).channel()
    channel.confirm_delivery()
    return channel


def put(node: RabbitNode, queue: str, body: bytes) -> None:
    """Publish one persistent message to a quorum queue; returns when it would survive a crash."""
    channel = confirmed(node)
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    node.await_recoverable(queue)
    channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)
    channel.connection.close()


def take(node: RabbitNode, queue: str) -> bytes | None:
    connection = connect(node)
    _, _, body = connection.channel().basic_get(queue, auto_ack=True)
    connection.close()
    return body


def test_confirmed_messages_survive_kill_and_stop(rabbit_own: RabbitNode) -> None:
    login, name, port = rabbit_own.amqp_url(), rabbit_own.name, rabbit_own.amqp_port
    put(rabbit_own, "kept", b"before kill")
    rabbit_own.kill()
    assert not rabbit_own.alive
    rabbit_own.start()
    assert (rabbit_own.amqp_url(), rabbit_own.name, rabbit_own.amqp_port) == (login, name, port)
    assert take(rabbit_own, "kept") == b"before kill"
    put(rabbit_own, "kept", b"before stop")
    rabbit_own.restart()
    assert take(rabbit_own, "kept") == b"before stop"


def test_a_later_owner_of_the_folder_finds_the_same_node(rabbit_own: RabbitNode) -> None:
    put(rabbit_own, "kept", b"here")
    rabbit_own.kill()
    with RabbitNode(rabbit_own.folder) as again:
        assert again.amqp_url() == rabbit_own.amqp_url()
        assert take(again, "kept") == b"here"
        again.kill()


def test_a_frozen_node_answers_nothing_until_thawed(rabbit_own: RabbitNode) -> None:
    assert rabbit_own.ready()
    rabbit_own.freeze()
    assert rabbit_own.alive
    assert not rabbit_own.ready()
    rabbit_own.thaw()
    assert until(rabbit_own.ready, 10)


def test_a_frozen_node_can_be_killed(rabbit_own: RabbitNode) -> None:
    rabbit_own.freeze()
    rabbit_own.kill()
    assert not rabbit_own.alive


def test_a_memory_alarm_blocks_publishers_until_it_is_cleared(rabbit_own: RabbitNode) -> None:
    rabbit_own.memory_alarm(True)
    with pytest.raises(pika.exceptions.ConnectionBlockedTimeout):
        put(rabbit_own, "blocked", b"held back")
    rabbit_own.memory_alarm(False)
    put(rabbit_own, "through", b"at once")
    assert take(rabbit_own, "through") == b"at once"


def test_two_nodes_run_side_by_side(rabbit: RabbitNode, rabbit_own: RabbitNode) -> None:
    assert rabbit.name != rabbit_own.name
    put(rabbit_own, "only-here", b"one")
    names = [queue["name"] for queue in rabbit.management.call("GET", "/api/queues")]
    assert "only-here" not in names
    rabbit_own.kill()
    assert rabbit.ready()


def test_only_loopback_is_listened_on_and_nothing_of_the_system_is_used(rabbit: RabbitNode) -> None:
    assert "4369" not in rabbit.ctl("eval", 'os:getenv("ERL_EPMD_PORT").')
    assert addresses_listened_on(rabbit.pid) == {"127.0.0.1"}


def addresses_listened_on(pid: int) -> set[str]:
    """Local addresses of the listening TCP sockets of a process, from /proc."""
    mine = {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()}
    found = set()
    for table, width in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                packed = bytes.fromhex(fields[1].partition(":")[0])
                words = [packed[at : at + 4][::-1] for at in range(0, len(packed), 4)]
                found.add(socket.inet_ntop(width, b"".join(words)))
    return found


def test_there_is_no_guest_and_secrets_are_their_owners_alone(rabbit: RabbitNode) -> None:
    names = {user["name"] for user in rabbit.management.call("GET", "/api/users")}
    assert rabbit.user in names
    assert "guest" not in names
    for file in ("node.json", "node.config", "home/.erlang.cookie"):
        assert (rabbit.folder / file).stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(NodeError, match=f"Port {port} .* is taken"):
        RabbitNode(tmp_path, amqp_port=port).start()


def test_a_folder_in_use_is_refused(rabbit: RabbitNode) -> None:
    second = RabbitNode(rabbit.folder)
    with pytest.raises(NodeError, match="already runs"):
        second.start()
    assert rabbit.ready()


def test_a_mistake_in_the_configuration_is_told(tmp_path: Path) -> None:
    node = RabbitNode(tmp_path / "node", config={"no.such.key": "1"})
    with pytest.raises(NodeError, match=r"no\.such\.key"):
        node.start()
    assert not node.alive


def test_a_key_of_the_configuration_takes_effect(parts_folder: Path) -> None:
    node = RabbitNode(parts_folder / "configured", config={"channel_max": "7"})
    try:
        node.start()
        assert connect(node)._impl.params.channel_max == 7
    finally:
        node.discard()


def test_a_virtual_host_for_one_test(vhost: SimpleNamespace) -> None:
    """`vhost` has a name and an amqp_url: see tests/conftest.py."""
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))
    assert connection.is_open
    connection.close()
