"""Reads of the broker: its management API, and logins at its AMQP port."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pika
from pika.exceptions import AMQPError, ProbableAccessDeniedError, ProbableAuthenticationError

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.definitions import definitions
from concord_bus.topology.subscriber_admin import recorded
from concord_cli.common.broker_connection import CONNECT_SECONDS, connection_parameters
from concord_cli.doctor.broker_rules import check_broker
from concord_cli.doctor.findings import Finding, ok, problem
from concord_cli.doctor.login_rules import check_logins
from concord_cli.doctor.machine_rules import check_clock
from concord_cli.doctor.queue_rules import check_queues
from concord_cli.doctor.subscriber_rules import Logins, check_subscribers
from concord_cli.doctor.timed_get import timed_get
from concord_cli.doctor.topology_rules import Live, check_topology
from concord_http import HttpError, InvalidJsonError, ServerAddress
from concord_http.rabbitmq_management import management_address


class Refused(Exception):
    """An unexpected response of the management API; the finding says more."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def examine_broker(management: str, vhost: str) -> Iterator[Finding]:
    """Examine all that the management API reports about the broker and the virtual host."""
    server = management_address(management)
    try:
        yield from _examined(server, vhost)
    except HttpError as error:
        yield problem(
            "broker",
            f"no response from the management API at {server.url}: {error}",
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

    queues, bindings = of_vhost("queues"), of_vhost("bindings")
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


def examine_login(address: BrokerAddress) -> Finding:
    """Return whether the login can open a connection to its virtual host."""
    about, where = "logins", f"{address.user} at {address.host}:{address.port}"
    parameters = connection_parameters(address, "concord doctor", blocked_connection_timeout=CONNECT_SECONDS)
    try:
        pika.BlockingConnection(parameters).close()
    except ProbableAuthenticationError:
        remedy = f"Run `concord topology apply` with the password of {address.user}."
        return problem(about, f"the broker refuses the password of {where}", remedy)
    except ProbableAccessDeniedError:
        what = f"{where} may not use virtual host {address.vhost}"
        return problem(about, what, "Run `concord topology apply` for that virtual host.")
    except (AMQPError, OSError) as error:
        what = f"{where} cannot connect ({type(error).__name__})"
        return problem(about, what, "Is the broker running and its AMQP port open to this machine?")
    return ok(about, f"{where} logs in")
