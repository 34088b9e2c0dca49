"""Reads of the broker: its management API, and logins at its AMQP port."""

import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pika

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.definitions import definitions
from concord_bus.topology.subscriber_admin import recorded
from concord_cli.common.broker_connection import (
    CONNECT_SECONDS,
    LOST,
    accepted,
    connection_parameters,
    failure_reason,
    reply,
)
from concord_cli.doctor.broker_rules import check_broker
from concord_cli.doctor.findings import Finding, ok, problem, warning
from concord_cli.doctor.login_rules import check_logins
from concord_cli.doctor.machine_rules import check_clock
from concord_cli.doctor.queue_rules import check_queues, settled
from concord_cli.doctor.subscriber_rules import Logins, check_subscribers
from concord_cli.doctor.timed_get import timed_get, why
from concord_cli.doctor.topology_rules import Live, check_topology
from concord_http import HttpError, InvalidJsonError, ServerAddress

ABOUT_LOGINS = "logins"
ACCESS_REFUSED, NOT_ALLOWED = 403, 530


class Refused(Exception):
    """An unexpected response of the management API; the finding says more."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def examine_broker(server: ServerAddress, vhost: str) -> Iterator[Finding]:
    """Examine all that the management API reports about the broker and the virtual host."""
    try:
        yield from _examined(server, vhost)
    except HttpError as error:
        yield problem(
            "broker",
            f"no response from the management API at {server.url}: {why(error)}",
            "Start the broker, or correct --management; is the plugin rabbitmq_management enabled?",
        )
    except Refused as refused:
        yield refused.finding


def _examined(management: ServerAddress, vhost: str) -> Iterator[Finding]:
    ahead, overview = _get(management, "/api/overview")
    yield from check_broker(overview, _get(management, "/api/nodes")[1])
    if ahead is not None:
        yield check_clock("the broker", ahead)

    def of_vhost(what: str) -> Any:
        return _get(management, f"/api/{what}/{quote(vhost, safe='')}", vhost)[1]

    queues, bindings = settled(lambda: of_vhost("queues"), time.sleep), of_vhost("bindings")
    declared = definitions(dict.fromkeys(SERVICES, ""), vhost)
    yield from check_topology(declared, Live(of_vhost("exchanges"), queues, bindings, of_vhost("policies")))
    yield from check_queues(queues)
    users, path = _get(management, "/api/users")[1], f"/api/vhosts/{quote(vhost, safe='')}"
    permissions = _get(management, f"{path}/permissions")[1]
    topics = _get(management, f"{path}/topic-permissions")[1]
    yield from check_logins(declared, users, permissions, topics)
    limits, policies = _get(management, "/api/user-limits")[1], of_vhost("operator-policies")
    known = recorded(_get(management, "/api/global-parameters")[1], vhost)
    yield from check_subscribers(known, Logins(users, permissions, topics, limits, policies), queues, bindings)


def _get(management: ServerAddress, path: str, vhost: str | None = None) -> tuple[float | None, Any]:
    """Return clock difference and JSON. Raises HttpError, Refused."""
    timed = timed_get(management, path)
    status = timed.response.status
    if status in (401, 403):
        raise Refused(
            problem("broker", "the management API refused the login", "Set --management with an administrator's login.")
        )
    if status == 404 and vhost:
        raise Refused(problem("topology", f"there is no virtual host {vhost}", "Run `concord topology apply`."))
    try:
        if status == 200:
            return timed.ahead, timed.response.json()
    except InvalidJsonError:
        pass
    raise Refused(problem("broker", f"the management API answered {status} to {path}", "See the broker's log."))


def examine_logins(addresses: Iterable[BrokerAddress]) -> Iterator[Finding]:
    """Try each login at its virtual host. After a broker without an answer do not try further logins there."""
    silent: set[tuple[str, int]] = set()
    for address in addresses:
        place = (address.host, address.port)
        if place in silent:
            yield warning(
                ABOUT_LOGINS,
                f"{_where(address)} not tried: the broker is silent",
                "Run this again when the broker answers: see docs/runbooks/BrokerDown.md.",
            )
            continue
        error = _login_error(address)
        if error is not None and accepted(error):
            silent.add(place)
        yield _login_finding(address, error)


def _login_error(address: BrokerAddress) -> Exception | None:
    parameters = connection_parameters(address, "concord doctor", blocked_connection_timeout=CONNECT_SECONDS)
    try:
        pika.BlockingConnection(parameters).close()
    except LOST as error:
        return error
    return None


def _login_finding(address: BrokerAddress, error: Exception | None) -> Finding:
    where = _where(address)
    if error is None:
        return ok(ABOUT_LOGINS, f"{where} logs in")
    code, _ = reply(error)
    if code == ACCESS_REFUSED:
        remedy = f"Run `concord topology apply` with the password of {address.user}."
        return problem(ABOUT_LOGINS, f"the broker refuses the password of {where}", remedy)
    if code == NOT_ALLOWED:
        what = f"{where} may not use virtual host {address.vhost}"
        return problem(ABOUT_LOGINS, what, "Run `concord topology apply` for that virtual host.")
    what = f"{where} cannot connect: {failure_reason(error, address.host)}"
    return problem(ABOUT_LOGINS, what, "Is the broker running and its AMQP port open to this machine?")


def _where(address: BrokerAddress) -> str:
    return f"{address.user} at {address.authority}"
