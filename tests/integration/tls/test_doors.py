"""Every door to the broker takes TLS, and says in one sentence what is wrong and what to do."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from tls_stage import TlsBroker

from concord_bus.adapters.amqp.connection import LOST, close, connect, lost_reason
from concord_bus.settings import BrokerAddress
from concord_cli.common.broker_connection import LOST as PIKA_LOST
from concord_cli.common.broker_connection import connection_parameters, failure_reason
from concord_client.broker_errors import failure_reason as client_reason
from concord_client.connection import _parameters
from concord_client.tls import Tls
from concord_http import HttpError
from concord_http.rabbitmq_management import RabbitManagement
from concord_http.tls import TlsFiles

WRONG_CA = "no CA that we trust issued"
OTHER_NAME = "certificate is not for"
NO_TLS = "the port speaks no TLS"
TLS = re.compile("the port speaks? TLS")
NO_CERTIFICATE = re.compile("wants? a certificate of ours")
STRANGER = re.compile("does not trust our certificate|want a certificate of ours")
"""pika may lose the alert with which the broker refuses, when it writes at the same moment. Then it asks."""


def bus(broker: TlsBroker, url: str, files: TlsFiles) -> str:
    address = BrokerAddress.parse(url, files)
    try:
        close(connect(address, "test"))
    except LOST as error:
        return lost_reason(error, address)
    return "connected"


def command(broker: TlsBroker, url: str, files: TlsFiles) -> str:
    import pika

    address = BrokerAddress.parse(url, files)
    try:
        pika.BlockingConnection(connection_parameters(address, "test")).close()
    except PIKA_LOST as error:
        return failure_reason(error, address.host)
    return "connected"


def subscriber(broker: TlsBroker, url: str, files: TlsFiles) -> str:
    import pika

    tls = Tls(files.ca, files.certificate, files.key) if url.startswith("amqps") else None
    try:
        pika.BlockingConnection(_parameters(url, "test", tls)).close()
    except PIKA_LOST as error:
        return client_reason(error)
    return "connected"


def management(broker: TlsBroker, url: str, files: TlsFiles) -> str:
    try:
        RabbitManagement(url, tls=files).call("GET", "/api/whoami")
    except HttpError as error:
        return str(error)
    return "connected"


Door = Callable[[TlsBroker, str, TlsFiles], str]
AMQP: list[Door] = [bus, command, subscriber]


@pytest.fixture(params=[*AMQP, management], ids=lambda door: door.__name__)
def door(request: pytest.FixtureRequest) -> Door:
    given: Door = request.param
    return given


def url_of(door: Door, broker: TlsBroker, *, host: str = "localhost", tls: bool = True, port: str = "tls") -> str:
    if door is management:
        scheme, plain, secured = ("https" if tls else "http"), broker.node.ports["management"], broker.management_port
        return broker.management_url(host, scheme, secured if port == "tls" else plain)
    chosen = broker.port if port == "tls" else broker.node.amqp_port
    return broker.url(host=host, scheme="amqps" if tls else "amqp", port=chosen)


def test_the_right_files_open_it(door: Door, tls_broker: TlsBroker) -> None:
    assert door(tls_broker, url_of(door, tls_broker), tls_broker.files) == "connected"


def test_a_server_of_another_ca(door: Door, tls_broker: TlsBroker) -> None:
    files = replace(tls_broker.files, ca=tls_broker.stranger.ca)
    assert WRONG_CA in door(tls_broker, url_of(door, tls_broker), files)


def test_a_certificate_for_another_name(door: Door, tls_broker: TlsBroker) -> None:
    assert OTHER_NAME in door(tls_broker, url_of(door, tls_broker, host="127.0.0.1"), tls_broker.files)


def test_tls_at_a_port_without_it(door: Door, tls_broker: TlsBroker) -> None:
    assert NO_TLS in door(tls_broker, url_of(door, tls_broker, port="plain"), tls_broker.files)


def test_no_tls_at_a_port_with_it(door: Door, tls_broker: TlsBroker) -> None:
    assert TLS.search(door(tls_broker, url_of(door, tls_broker, tls=False), tls_broker.files))


def test_a_client_without_a_certificate(door: Door, tls_broker: TlsBroker) -> None:
    assert NO_CERTIFICATE.search(door(tls_broker, url_of(door, tls_broker), TlsFiles(tls_broker.files.ca)))


def test_a_client_with_a_certificate_of_another_ca(door: Door, tls_broker: TlsBroker) -> None:
    own = tls_broker.stranger.issue("client")
    files = TlsFiles(tls_broker.files.ca, own.certificate, own.key)
    assert STRANGER.search(door(tls_broker, url_of(door, tls_broker), files))
