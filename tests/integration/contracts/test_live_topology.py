"""The AsyncAPI document says what the broker really has, and a message that travelled is what it says."""

import json
import sys
from pathlib import Path
from typing import Any

import pika
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator
from service_process import prepare, publish

from concord_bus.topology.declarations import LOG
from concord_contracts import CATALOGUE, CONTENT_TYPE
from concord_contracts.documents import asyncapi, data_schema, envelope_schema

sys.path.append(str(Path(__file__).parents[3]))
from tests.contract.expected import EXPECTED, PUBLIC
from tests.contract.keys import codec


def test_each_channel_is_an_exchange_and_a_key_of_the_broker(vhost: Any) -> None:
    prepare(vhost)
    exchanges = {each["name"]: each for each in vhost.node.management.call("GET", f"/api/exchanges/{vhost.name}")}
    bindings = vhost.node.management.call("GET", f"/api/bindings/{vhost.name}")
    for name, channel in asyncapi()["channels"].items():
        told = channel["bindings"]["amqp"]["exchange"]
        real = exchanges[told["name"]]
        assert (real["type"], real["durable"], real["auto_delete"]) == ("topic", told["durable"], told["autoDelete"])
        key = f"{name}.#"
        reached = {
            each["destination"] for each in bindings if (each["source"], each["routing_key"]) == (told["name"], key)
        }
        assert reached, f"{name} reaches nobody"
        assert (LOG in reached) == CATALOGUE[name].public


def test_what_travelled_is_what_the_documents_say(vhost: Any) -> None:
    prepare(vhost)
    publish(vhost.amqp_url, codec(), [EXPECTED[name] for name in PUBLIC])
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))
    try:
        channel = connection.channel()
        got = [channel.basic_get("metrics.events", auto_ack=True) for _ in PUBLIC]
    finally:
        connection.close()
    assert sorted(json.loads(body)["type"] for _, _, body in got) == PUBLIC
    for method, properties, body in got:
        event = json.loads(body)
        kind = CATALOGUE[event["type"]]
        assert properties.content_type == CONTENT_TYPE
        assert method.routing_key.startswith(f"{kind.name}.")
        Draft202012Validator(envelope_schema(kind, data_schema(kind))).validate(event)
        assert JSONFormat().read(CloudEvent, body).get_id() == event["id"]
