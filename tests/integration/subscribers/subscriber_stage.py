"""A city's broker, the `concord subscriber` command on it, and attempts with a subscriber's login."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pika
from click.testing import CliRunner
from client_stage import event, eventually
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker

from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.definitions import definitions
from concord_cli.commands import concord
from concord_nodes import RabbitNode

CITY = "deploy/sample/boston/city"
PARKS = ("--types", "concern.routed.v1,concern.resolved.v1", "--areas", "B2,B3", "--categories", "graffiti")
REFUSED, MISSING = 403, 404
Act = Callable[[BlockingChannel], object]


@dataclass
class Broker:
    """One virtual host of the node."""

    node: RabbitNode
    vhost: str

    @property
    def admin(self) -> str:
        return self.node.amqp_url(vhost=self.vhost)

    def concord(self, *arguments: str, code: int = 0) -> Any:
        """What `concord subscriber … --json` says; with another exit code, the line on standard error."""
        place = ["--management", self.node.management_login, "--vhost", self.vhost]
        done = CliRunner().invoke(concord, ["subscriber", *arguments, *place, "--json"])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if code == 0 else done.stderr.strip().splitlines()[-1]

    def add(self, name: str, *options: str) -> str:
        """The URL of a new subscriber."""
        return str(self.concord("add", name, *(options or PARKS), "--city", CITY)["url"])

    def publish(self, *events: tuple[str, bytes]) -> None:
        """When this returns the broker has them."""
        with channel(self.admin) as opened:
            opened.confirm_delivery()
            for key, body in events:
                opened.basic_publish("concord.events", key, body, pika.BasicProperties(delivery_mode=2))

    def depth(self, queue: str) -> int:
        with channel(self.admin) as opened:
            return int(opened.queue_declare(queue, passive=True).method.message_count)

    def bindings(self, queue: str) -> set[str]:
        """Routing keys by which a queue is bound to the public exchange."""
        rows = self.node.management.call("GET", f"/api/queues/{self.vhost}/{queue}/bindings")
        return {each["routing_key"] for each in rows if each["source"]}


@contextmanager
def broker(node: RabbitNode) -> Iterator[Broker]:
    made = Broker(node, f"subscribers-{uuid.uuid4().hex[:8]}")
    node.management.create_vhost(made.vhost)
    node.management.call("POST", "/api/definitions", definitions(dict.fromkeys(SERVICES, "secret"), made.vhost))
    try:
        yield made
    finally:
        for each in made.concord("list"):
            made.concord("remove", each["name"], "--yes")
        node.management.delete_vhost(made.vhost)
        for service in SERVICES:
            node.management.call("DELETE", f"/api/users/{service}")


@contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


def outcome(url: str, act: Act) -> int:
    """0 when the broker let it happen, else its reply code."""
    with channel(url) as opened:
        try:
            act(opened)
        except ChannelClosedByBroker as closed:
            return int(closed.reply_code)
    return 0


def connects(url: str) -> bool:
    try:
        with channel(url):
            return True
    except AMQPConnectionError:
        return False


def received(url: str, queue: str, count: int) -> list[str]:
    """Ids of the next messages of a queue, in order."""
    found: list[str] = []

    def take(opened: BlockingChannel) -> int:
        method, _, body = opened.basic_get(queue, auto_ack=True)
        if method:
            found.append(json.loads(body)["id"])
        return len(found)

    with channel(url) as opened:
        eventually(lambda: take(opened), count)
    return found


__all__ = ["CITY", "PARKS", "REFUSED", "Broker", "broker", "channel", "connects", "event", "outcome", "received"]
