"""A service's login can do what the service does, and nothing else."""

from collections.abc import Callable

import pika
import pytest
from bus_broker import PERSISTENT, channel, fetch_all
from bus_stage import Stage
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from concord_bus.topology.declarations import SERVICES, WEBHOOKS
from concord_contracts import CATALOGUE

REFUSED = 403
EVERY_QUEUE = [*(queue.name for service in SERVICES.values() for queue in service.queues), "concord.log"]
EVERY_QUEUE += [service.dead for service in SERVICES.values()]


def outcome(url: str, act: Callable[[BlockingChannel], object]) -> int:
    """0 when the broker let it happen, else its reply code."""
    with channel(url) as opened:
        try:
            act(opened)
        except ChannelClosedByBroker as closed:
            return int(closed.reply_code)
    return 0


def publishing(exchange: str, key: str) -> Callable[[BlockingChannel], object]:
    def act(opened: BlockingChannel) -> None:
        opened.confirm_delivery()
        opened.basic_publish(exchange, key, b"{}", pika.BasicProperties(delivery_mode=PERSISTENT))

    return act


def reading(queue: str) -> Callable[[BlockingChannel], object]:
    def act(opened: BlockingChannel) -> None:
        opened.basic_qos(prefetch_count=1)
        opened.basic_consume(queue, lambda *_: None)

    return act


CONFIGURING: dict[str, Callable[[BlockingChannel], object]] = {
    "declare a queue": lambda opened: opened.queue_declare("mine", durable=True),
    "declare an exchange": lambda opened: opened.exchange_declare("mine", "topic"),
    "delete a queue": lambda opened: opened.queue_delete("metrics.events"),
    "delete an exchange": lambda opened: opened.exchange_delete("concord.events"),
    "purge a foreign queue": lambda opened: opened.queue_purge("concord.log"),
    "bind a queue": lambda opened: opened.queue_bind("metrics.events", "concord.private", "#"),
    "unbind a queue": lambda opened: opened.queue_unbind("metrics.events", "concord.events", "#"),
    "bind an exchange": lambda opened: opened.exchange_bind("concord.events", "concord.private", "#"),
    "publish past the exchanges": publishing("", "metrics.events"),
    "publish to the dead": publishing("concord.dead", "routing"),
    "publish a type that does not exist": publishing("concord.events", "concern.unheard.v1._._"),
    "publish without a type": publishing("concord.events", ""),
    "publish into the broker's own exchange": publishing("amq.topic", "concern.received.v1._._"),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_do_what_is_its_own_and_is_refused_everything_else(stage: Stage, service: str) -> None:
    url = stage.login(service)
    own = {queue.name for queue in SERVICES[service].queues} | {SERVICES[service].dead}
    allowed_reads = {queue for queue in EVERY_QUEUE if outcome(url, reading(queue)) == 0}
    assert allowed_reads == own
    outcomes = {kind.name: outcome(url, publishing(kind.exchange, f"{kind.name}._._")) for kind in CATALOGUE.values()}
    owned = {kind.name for kind in CATALOGUE.values() if kind.owner == service}
    assert outcomes == {name: 0 if name in owned else REFUSED for name in CATALOGUE}
    crossed = {"concord.events": "concord.private", "concord.private": "concord.events"}
    for kind in CATALOGUE.values():
        assert outcome(url, publishing(crossed[kind.exchange], f"{kind.name}._._")) == REFUSED
    assert {what: outcome(url, act) for what, act in CONFIGURING.items()} == dict.fromkeys(CONFIGURING, REFUSED)


def binding(queue: str, exchange: str, key: str) -> Callable[[BlockingChannel], object]:
    return lambda opened: opened.queue_bind(queue, exchange, key)


def unbinding(queue: str, exchange: str, key: str) -> Callable[[BlockingChannel], object]:
    return lambda opened: opened.queue_unbind(queue, exchange, key)


@pytest.mark.parametrize("act", [binding, unbinding])
def test_notification_binds_what_only_webhooks_need_and_nothing_else(
    stage: Stage, act: Callable[[str, str, str], Callable[[BlockingChannel], object]]
) -> None:
    url = stage.login("notification")
    public = [kind for kind in CATALOGUE.values() if kind.public]
    done = {kind.name: outcome(url, act(WEBHOOKS.name, WEBHOOKS.exchange, f"{kind.name}.#")) for kind in public}
    assert done == {name: 0 if name in WEBHOOKS.at_will else REFUSED for name in done}
    assert {name for name, code in done.items() if not code} == set(WEBHOOKS.at_will)
    key = f"{WEBHOOKS.at_will[0]}.#"
    elsewhere = [
        *((WEBHOOKS.name, WEBHOOKS.exchange, other) for other in ("#", "", "*", "*.#", f"x{key}", "concern.#")),
        *((queue, WEBHOOKS.exchange, key) for queue in EVERY_QUEUE if queue != WEBHOOKS.name),
        *((WEBHOOKS.name, exchange, key) for exchange in ("concord.private", "concord.dead", "amq.topic", "")),
    ]
    assert {place: outcome(url, act(*place)) for place in elsewhere} == dict.fromkeys(elsewhere, REFUSED)
    with channel(stage.url) as administrator:
        administrator.queue_declare("another", durable=True)
    assert outcome(url, act("another", WEBHOOKS.exchange, key)) == REFUSED
    assert outcome(url, publishing("", WEBHOOKS.name)) == REFUSED


def test_an_exchange_that_notification_binds_to_itself_hands_out_each_event_once(stage: Stage) -> None:
    """The broker lets it, by the rights that binding the queue takes; nothing comes of it."""
    kind = WEBHOOKS.at_will[0]

    def bind_to_itself(opened: BlockingChannel) -> None:
        opened.exchange_bind(WEBHOOKS.exchange, WEBHOOKS.exchange, f"{kind}.#")

    assert outcome(stage.login("notification"), bind_to_itself) == 0
    assert outcome(stage.url, publishing(WEBHOOKS.exchange, f"{kind}._._")) == 0
    assert len(fetch_all(stage.url, "metrics.events")) == 1


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "notification"])
def test_no_other_service_binds_it(stage: Stage, service: str) -> None:
    key = f"{WEBHOOKS.at_will[0]}.#"
    assert outcome(stage.login(service), binding(WEBHOOKS.name, WEBHOOKS.exchange, key)) == REFUSED


def test_a_login_has_no_rights_on_another_virtual_host(stage: Stage) -> None:
    parameters = pika.URLParameters(stage.node.amqp_url("routing", stage.passwords["routing"], "/"))
    with pytest.raises((pika.exceptions.ProbableAccessDeniedError, pika.exceptions.ConnectionClosedByBroker)):
        pika.BlockingConnection(parameters)
