"""A city with a broker and one other service that may follow some of its events."""

import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel

from concord_bus.topology.definitions import definitions
from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_admin import Subscriber as Granted
from concord_bus.topology.subscriber_admin import Subscribers
from concord_client import DeadLetter, Event, Subscriber
from concord_nodes import RabbitNode

EXCHANGE = "concord.events"
QUEUE = "sub.parks.events"
GRANT = Grant("parks", ("concern.routed.v1", "concern.resolved.v1"), ("B2", "B3"), ("graffiti",), replay_days=30)
TYPES = ["concern.routed.v1"]
T = TypeVar("T")


def eventually(read: Callable[[], T], wanted: T | Callable[[T], bool], seconds: float = 45) -> T:
    """What `read` gives once it is `wanted`; fails with what it gave last."""
    deadline = time.monotonic() + seconds
    while True:
        found = read()
        if wanted(found) if callable(wanted) else found == wanted:
            return found
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still {found!r}"
        time.sleep(0.05)


def event(
    number: int, *, area: str = "B2", category: str = "graffiti", when: datetime | None = None
) -> tuple[str, bytes]:
    """Routing key and body of a `concern.routed.v1` with the id `e<number>`."""
    moment = (when or datetime.now(UTC)).isoformat()
    data = {
        "concern_id": f"c{number}",
        "case_id": f"case-{number}",
        "category": category,
        "area": area,
        "team": f"district-{area}",
        "team_name": f"District {area}",
        "channel": "web",
        "border": False,
        **dict.fromkeys(("received_at", "routed_at", "acknowledge_by", "respond_by"), moment),
    }
    envelope = {
        "specversion": "1.0",
        "id": f"e{number}",
        "type": "concern.routed.v1",
        "source": "/concord/routing",
        "time": moment,
        "partitionkey": f"c{number}",
        "sequence": "0000000001",
        "correlationid": f"k{number}",
        "data": data,
    }
    return f"concern.routed.v1.{area}.{category}", json.dumps(envelope).encode()


@dataclass
class City:
    """A virtual host with Concord's topology, and a login of least privilege for the parks department."""

    node: RabbitNode
    vhost: str
    secret: str
    user: str = GRANT.name

    @property
    def subscribers(self) -> Subscribers:
        return Subscribers(self.node.management_login, self.vhost)

    @property
    def admin(self) -> str:
        return self.node.amqp_url(vhost=self.vhost)

    @property
    def url(self) -> str:
        return self.node.amqp_url(self.user, self.secret, self.vhost)

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        connection = pika.BlockingConnection(pika.URLParameters(self.admin))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def publish(self, *events: tuple[str, bytes]) -> None:
        """When this returns the broker has stored every one of them."""
        with self.channel() as channel:
            channel.confirm_delivery()
            for key, body in events:
                channel.basic_publish(EXCHANGE, key, body, pika.BasicProperties(delivery_mode=2))

    def purge(self) -> None:
        """Empty its queue, as if a former run of the service had handled all."""
        with self.channel() as channel:
            channel.queue_purge(QUEUE)

    def depth(self, queue: str = QUEUE) -> int:
        """Messages ready, counted by the queue itself; -1 while it is not there."""
        return self._look(queue)[0]

    def await_follower(self) -> None:
        """Until somebody consumes the queue: it is bound by then."""
        eventually(lambda: self._look(QUEUE)[1], 1)

    def _look(self, queue: str) -> tuple[int, int]:
        try:
            with self.channel() as channel:
                found = channel.queue_declare(queue, passive=True).method
        except pika.exceptions.ChannelClosedByBroker:
            return -1, -1
        return found.message_count, found.consumer_count


@contextmanager
def city(node: RabbitNode) -> Iterator[City]:
    made = City(node, f"client-{uuid.uuid4().hex[:12]}", secrets.token_urlsafe(12))
    node.management.create_vhost(made.vhost)
    node.management.call("POST", "/api/definitions", definitions({}, made.vhost))
    made.subscribers.add(Granted(GRANT, "2026-03-01", "2026-03-01"), made.secret)
    made.subscribers.make_stream(GRANT)
    made.subscribers.bind_stream(GRANT)
    try:
        yield made
    finally:
        if node.ready():
            made.subscribers.remove(GRANT)
            node.management.delete_vhost(made.vhost)


@dataclass
class Following:
    """A subscriber at work in a thread, and what it did."""

    subscriber: Subscriber
    handled: list[str] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    error: list[BaseException] = field(default_factory=list)
    thread: threading.Thread | None = None

    def stop(self, seconds: float = 30) -> None:
        self.subscriber.stop()
        assert self.thread is not None
        self.thread.join(seconds)
        assert not self.thread.is_alive(), "it did not stop"


@contextmanager
def following(url: str, handle: Callable[[Event], object] = lambda event: None, **options: Any) -> Iterator[Following]:
    """Follow graffiti in B2 and B3 (or what the options say) until the block ends."""
    letters: list[DeadLetter] = []
    chosen = {"types": TYPES, "areas": ["B2", "B3"], "categories": ["graffiti"], "dead_letter": letters.append}
    made = Following(Subscriber(url, queue=QUEUE, **(chosen | options)), letters=letters)

    def note(event: Event) -> None:
        handle(event)
        made.handled.append(event.id)

    def serve() -> None:
        try:
            made.subscriber.run(note)
        except BaseException as error:
            made.error.append(error)

    made.thread = threading.Thread(target=serve)
    made.thread.start()
    try:
        yield made
    finally:
        made.stop()
