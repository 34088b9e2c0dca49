"""Asking the broker: its management API for what there is, and its AMQP port whether the logins work."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pika
from pika.exceptions import AMQPError, ProbableAccessDeniedError, ProbableAuthenticationError

from concord_bus.settings import BrokerAddress
from concord_bus.topology import SERVICES, definitions
from concord_bus.topology.subscriber_admin import recorded
from concord_cli.doctor.broker_rules import judge_broker
from concord_cli.doctor.findings import Finding, ok, problem
from concord_cli.doctor.login_rules import judge_access
from concord_cli.doctor.machine_rules import judge_clock
from concord_cli.doctor.queue_rules import judge_queues
from concord_cli.doctor.subscriber_rules import Logins, judge_subscribers
from concord_cli.doctor.timed_get import timed_get
from concord_cli.doctor.topology_rules import Live, judge_topology
from concord_http import HttpError, InvalidJsonError, ServerAddress
from concord_http.rabbitmq_management import management_address

CONNECT_SECONDS = 5


class Refused(Exception):
    """The management API answered otherwise than with what was asked for; the finding says more."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def examine_broker(management: str, vhost: str) -> Iterator[Finding]:
    """Everything the management API tells about the broker and the virtual host."""
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
    yield from judge_broker(overview, _get(management, "/api/nodes")[1])
    if ahead is not None:
        yield judge_clock("the broker", ahead)

    def of_vhost(what: str) -> Any:
        return _get(management, f"/api/{what}/{quote(vhost, safe='')}", vhost)[1]

    queues, bound = of_vhost("queues"), of_vhost("bindings")
    declared = definitions(dict.fromkeys(SERVICES, ""), vhost)
    yield from judge_topology(declared, Live(of_vhost("exchanges"), queues, bound, of_vhost("policies")))
    yield from judge_queues(queues)
    users, path = _get(management, "/api/users")[1], f"/api/vhosts/{quote(vhost, safe='')}"
    permissions = _get(management, f"{path}/permissions")[1]
    topics = _get(management, f"{path}/topic-permissions")[1]
    yield from judge_access(declared, users, permissions, topics)
    limits, policies = _get(management, "/api/user-limits")[1], of_vhost("operator-policies")
    known = recorded(_get(management, "/api/global-parameters")[1], vhost)
    yield from judge_subscribers(known, Logins(users, permissions, topics, limits, policies), queues, bound)


def _get(management: ServerAddress, path: str, vhost: str | None = None) -> tuple[float | None, Any]:
    """Clock difference and answer. Raises HttpError, Refused."""
    found = timed_get(management, path)
    answer = found.response
    if answer.status in (401, 403):
        raise Refused(
            problem("broker", "the management API refused the login", "Give an administrator's login in --management.")
        )
    if answer.status == 404 and vhost:
        raise Refused(problem("topology", f"there is no virtual host {vhost}", "Run `concord topology apply`."))
    try:
        if answer.status == 200:
            return found.ahead, answer.json()
    except InvalidJsonError:
        pass
    raise Refused(problem("broker", f"the management API answered {answer.status} to {path}", "See the broker's log."))


def examine_login(address: BrokerAddress) -> Finding:
    """Whether the login opens a connection to its virtual host."""
    about, where = "logins", f"{address.user} at {address.host}:{address.port}"
    parameters = pika.ConnectionParameters(
        address.host,
        address.port,
        address.vhost,
        pika.PlainCredentials(address.user, address.password),
        socket_timeout=CONNECT_SECONDS,
        stack_timeout=2 * CONNECT_SECONDS,
        blocked_connection_timeout=CONNECT_SECONDS,
        client_properties={"connection_name": "concord doctor"},
    )
    try:
        pika.BlockingConnection(parameters).close()
    except ProbableAuthenticationError:
        remedy = f"Run `concord topology apply` with the password that {address.user} is given."
        return problem(about, f"the broker refuses the password of {where}", remedy)
    except ProbableAccessDeniedError:
        what = f"{where} may not use virtual host {address.vhost}"
        return problem(about, what, "Run `concord topology apply` for that virtual host.")
    except (AMQPError, OSError) as error:
        what = f"{where} gets no connection ({type(error).__name__})"
        return problem(about, what, "Is the broker running and its AMQP port open to this machine?")
    return ok(about, f"{where} logs in")
