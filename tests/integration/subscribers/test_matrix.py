"""Everything that a subscriber's login must not do, tried on a live broker, and what it may do."""

import json

import pika
import pytest
from client_stage import event, eventually
from subscriber_stage import PARKS, REFUSED, Act, Broker, channel, connects, outcome, received

from concord_bus.topology.declarations import SERVICES
from concord_contracts import CATALOGUE

OWN = "sub.parks.events"
GRANTED = [f"concern.{what}.v1.{area}.graffiti" for what in ("routed", "resolved") for area in ("B2", "B3")]
FOREIGN_KEYS = [
    "",
    "#",
    "*",
    "*.*.*.*.*",
    "concern.#",
    "concern.routed.v1.#",
    "concern.routed.v1.*.*",
    "concern.routed.v1.*.graffiti",
    "concern.routed.v1.B2.*",
    "concern.routed.v1.B2.#",
    "concern.routed.v1.B2",
    "concern.routed.v1.B2.noise",
    "concern.routed.v1.C6.graffiti",
    "concern.routed.v1._.graffiti",
    "concern.routed.v2.B2.graffiti",
    "concern.routed.v1.B2.graffiti.#",
    "#.concern.routed.v1.B2.graffiti",
    "concern.routedXv1.B2.graffiti",
    "concern.received.v1.B2.graffiti",
    "feedback.given.v1.B2.graffiti",
]
FOREIGN_QUEUES = [
    "concord.log",
    "sub.police.events",
    *(queue.name for each in SERVICES.values() for queue in each.queues),
    *(each.dead for each in SERVICES.values()),
]
EXCHANGES = ["", "concord.events", "concord.private", "concord.dead", "amq.topic", "amq.fanout", "amq.direct"]
LIMIT = 50


def consuming(queue: str) -> Act:
    def act(opened: pika.adapters.blocking_connection.BlockingChannel) -> None:
        opened.basic_qos(prefetch_count=1)
        opened.basic_consume(queue, lambda *_: None)

    return act


def publishing(exchange: str, key: str) -> Act:
    def act(opened: pika.adapters.blocking_connection.BlockingChannel) -> None:
        opened.confirm_delivery()
        opened.basic_publish(exchange, key, b"{}")

    return act


def declaring(name: str, **arguments: object) -> Act:
    return lambda opened: opened.queue_declare(name, durable=True, arguments=arguments)


ATTEMPTS: dict[str, Act] = {
    **{f"bind {key!r}": lambda o, key=key: o.queue_bind(OWN, "concord.events", key) for key in FOREIGN_KEYS},
    **{f"read {queue}": consuming(queue) for queue in FOREIGN_QUEUES},
    **{f"get from {queue}": lambda o, queue=queue: o.basic_get(queue) for queue in FOREIGN_QUEUES},
    **{f"purge {queue}": lambda o, queue=queue: o.queue_purge(queue) for queue in FOREIGN_QUEUES},
    **{f"delete {queue}": lambda o, queue=queue: o.queue_delete(queue) for queue in (OWN, *FOREIGN_QUEUES)},
    **{f"publish to {each!r}": publishing(each, "concern.routed.v1.B2.graffiti") for each in EXCHANGES},
    "publish to its own queue past the exchanges": publishing("", OWN),
    "publish to a service past the exchanges": publishing("", "routing.events"),
    "bind a foreign queue": lambda o: o.queue_bind("routing.events", "concord.events", GRANTED[0]),
    "unbind a foreign queue": lambda o: o.queue_unbind("routing.events", "concord.events", "concern.withdrawn.v1.#"),
    "bind the private exchange": lambda o: o.queue_bind(OWN, "concord.private", "#"),
    "bind the private exchange by a granted key": lambda o: o.queue_bind(OWN, "concord.private", GRANTED[0]),
    "bind the dead letters": lambda o: o.queue_bind(OWN, "concord.dead", "routing"),
    "bind the broker's own exchange": lambda o: o.queue_bind(OWN, "amq.rabbitmq.trace", "#"),
    "exchange to exchange, all": lambda o: o.exchange_bind("concord.events", "concord.private", "#"),
    "exchange to exchange, a granted key": lambda o: o.exchange_bind("amq.topic", "concord.events", GRANTED[0]),
    "make an exchange": lambda o: o.exchange_declare("sub.parks.exchange", "topic"),
    "make an exchange with an alternate": lambda o: o.exchange_declare(
        "sub.parks.exchange", "topic", arguments={"alternate-exchange": "concord.events"}
    ),
    "delete an exchange": lambda o: o.exchange_delete("concord.events"),
    "make a queue": declaring("sub.parks.more"),
    "make a queue of the broker's name": lambda o: o.queue_declare("", exclusive=True),
    "make a longer queue": declaring("sub.parks.long", **{"x-max-length": 10_000_000}),
    "make its queue longer": declaring(OWN, **{"x-queue-type": "quorum", "x-max-length": 10_000_000}),
    "make a queue that refuses when full": declaring("sub.parks.full", **{"x-overflow": "reject-publish"}),
    "make a stream": declaring("sub.parks.stream", **{"x-queue-type": "stream"}),
    "dead-letter into the event exchange": declaring(
        "sub.parks.dead", **{"x-dead-letter-exchange": "concord.events", "x-dead-letter-routing-key": GRANTED[0]}
    ),
}


def test_what_was_not_granted_is_refused_and_what_was_granted_works(city: Broker) -> None:
    city.add("police", "--types", "concern.routed.v1")
    url = city.add("parks", *PARKS, "--length", str(LIMIT))
    with channel(url) as opened:  # one connection for all: each attempt costs a channel only
        outcomes = {what: attempt(opened.connection, act) for what, act in ATTEMPTS.items()}
    assert outcomes == dict.fromkeys(ATTEMPTS, REFUSED)
    assert city.bindings(OWN) == set(GRANTED)

    assert outcome(url, consuming(OWN)) == 0
    for key in GRANTED:
        assert outcome(url, lambda opened, key=key: opened.queue_unbind(OWN, "concord.events", key)) == 0
        assert outcome(url, lambda opened, key=key: opened.queue_bind(OWN, "concord.events", key)) == 0
    city.publish(event(1), event(2, area="C6"), event(3, category="noise"), event(4, area="B3"))
    city.publish(("concern.received.v1.B2.graffiti", event(5)[1]))
    assert received(url, OWN, 2) == ["e1", "e4"]


def attempt(connection: pika.BlockingConnection, act: Act) -> int:
    opened = connection.channel()
    try:
        act(opened)
    except pika.exceptions.ChannelClosedByBroker as closed:
        return int(closed.reply_code)
    opened.close()
    return 0


def test_every_type_that_was_not_granted_is_refused(city: Broker) -> None:
    url = city.add("parks")
    granted = {"concern.routed.v1", "concern.resolved.v1"}
    for name in CATALOGUE:
        found = outcome(url, lambda opened, name=name: opened.queue_bind(OWN, "concord.events", f"{name}.B2.graffiti"))
        assert found == (0 if name in granted else REFUSED), name


def test_a_third_connection_and_an_eleventh_channel_are_refused(city: Broker) -> None:
    url = city.add("parks")
    with channel(url) as first, channel(url):
        assert not connects(url)
        opened = [first.connection.channel() for _ in range(8)]
        assert len({each.channel_number for each in opened}) == 8
        with pytest.raises((pika.exceptions.ConnectionClosedByBroker, pika.exceptions.ChannelClosedByBroker)):
            first.connection.channel()
    eventually(lambda: connects(url), True)


def test_a_queue_is_never_longer_than_its_limit_and_nothing_is_refused_to_publishers(city: Broker) -> None:
    city.add("parks", *PARKS, "--length", str(LIMIT))
    city.publish(*(event(number) for number in range(3 * LIMIT)))
    eventually(lambda: city.depth(OWN), LIMIT)
    row = city.node.management.call("GET", f"/api/queues/{city.vhost}/{OWN}")
    limits = eventually(lambda: effective(city), lambda found: found is not None)
    assert limits == {
        "max-length": LIMIT,
        "max-length-bytes": 500_000_000,
        "message-ttl": 7 * 24 * 3600 * 1000,
        "delivery-limit": 200,
        "dead-letter-exchange": "concord.deadly",
    }
    assert row["arguments"] == {"x-queue-type": "quorum"}


def effective(city: Broker) -> object:
    """The policies that govern the queue, once the broker has counted it."""
    return city.node.management.call("GET", f"/api/queues/{city.vhost}/{OWN}").get("effective_policy_definition")


def test_a_stream_of_its_own_can_be_read_and_holds_only_what_was_granted(city: Broker) -> None:
    city.publish(event(1), event(2, area="C6"), event(3, category="noise"))
    url = city.add("parks", *PARKS, "--replay", "30d")
    city.publish(event(4), event(5, area="C6"))
    eventually(lambda: stream_of(url), ["e1", "e4"])
    assert outcome(url, consuming("concord.log")) == REFUSED
    for key in FOREIGN_KEYS:
        assert outcome(url, lambda o, key=key: o.queue_bind("sub.parks.replay", "concord.events", key)) == REFUSED
    assert outcome(url, lambda opened: opened.queue_delete("sub.parks.replay")) == REFUSED


def stream_of(url: str) -> list[str]:
    """Ids in the subscriber's own log, from its beginning."""
    found: list[str] = []
    with channel(url) as opened:
        opened.basic_qos(prefetch_count=100)
        opened.basic_consume(
            "sub.parks.replay",
            lambda _c, _m, _p, body: found.append(json.loads(body)["id"]),
            arguments={"x-stream-offset": "first"},
        )
        opened.connection.process_data_events(1)
    return found


def test_a_suspended_or_rotated_or_removed_login_is_refused(city: Broker) -> None:
    url = city.add("parks")
    with channel(url) as opened:
        city.concord("suspend", "parks")
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            eventually(lambda: opened.connection.process_data_events(0.5), True)
    assert not connects(url)
    city.publish(event(1))
    city.concord("resume", "parks")
    assert received(url, OWN, 1) == ["e1"]

    city.concord("suspend", "parks")
    new = city.concord("rotate", "parks")["url"]
    assert not connects(new), "a new secret does not end a suspension"
    city.concord("resume", "parks")
    with channel(new) as opened:
        newer = city.concord("rotate", "parks")["url"]
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            eventually(lambda: opened.connection.process_data_events(0.5), True)
    assert (connects(url), connects(new), connects(newer)) == (False, False, True)

    city.concord("remove", "parks", "--yes")
    assert not connects(newer)
    assert city.concord("list") == []
    names = {each["name"] for each in city.node.management.call("GET", f"/api/queues/{city.vhost}")}
    assert not {each for each in names if each.startswith("sub.")}
