"""From wishes to parts: which programs run, where they listen, what they are told."""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from concord_bus.topology import MONITOR, SERVICES, definitions, queues_of
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import Home
from concord_cli.up.environment import BrokerPlace, Plan, plain_environment, service_environment
from concord_cli.up.options import OUR_SENDER, UpOptions, broker_place, check_management
from concord_cli.up.port_allocation import choose_ports, replaceable
from concord_cli.up.processes import BrokerPart, Part, ProgramPart
from concord_http.rabbitmq_management import ManagementError, RabbitManagement
from concord_nodes import RabbitNode
from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.rabbitmq_config import beside_services, find_script
from concord_nodes.tcp_ports import LOOPBACK, is_free

CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Built:
    """Everything to start. `catcher` tells whether mails stay on this machine."""

    services: list[Part]
    below: list[Part]
    plan: Plan
    management_url: str
    catcher: bool
    urls: dict[str, str]
    passwords: dict[str, str]
    chosen_ports: frozenset[int]
    node: RabbitNode | None = None

    def lost_port(self, problem: str) -> bool:
        """Whether another program has a port that nobody asked for, or had it for a moment, as `problem` then states.

        Ask when nothing of this runs.
        """
        stated = [int(port) for port in re.findall(r"(?:^Port |:)(\d+)\b.* is (?:taken|in use) by", problem)]
        return any(port in stated or not is_free(port) for port in self.chosen_ports)

    def apply_topology(self) -> None:
        """Declare exchanges, queues and logins. Raises NodeError when the broker does not take them.

        Our own node is given the second it needs before its new queues would survive a kill.
        """
        try:
            declared = definitions(self.passwords, self.plan.broker.vhost)
            RabbitManagement(self.management_url).import_definitions(declared)
        except ManagementError as error:
            raise NodeError(f"the topology could not be applied: {error}", "See the broker's log.") from error
        if self.node:
            queues = [name for each in SERVICES.values() for name in (*queues_of(each.name), each.dead)]
            self.node.await_recoverable(*queues, vhost=self.plan.broker.vhost)


def build(wishes: UpOptions, home: Home) -> Built:
    """Raises UsageError for what must be put right first."""
    ours, catcher = wishes.broker is None, wishes.smtp is None
    if ours:
        find_script("rabbitmq-server")
    _await_former_parts(home)
    ports = _ports(wishes, home, broker=ours, catcher=catcher)
    node = _node(home, ports) if ours else None
    below: list[Part] = [BrokerPart(node)] if node else []
    place = BrokerPlace(LOOPBACK, ports["amqp"], "/") if ours else broker_place(wishes.broker or "")
    management = _management_of(node, ports) if node else wishes.management or ""
    if catcher:
        below.append(_catcher(home, ports))
    smtp = wishes.smtp or f"smtp://{LOOPBACK}:{ports['smtp']}"
    sender = wishes.mail_from or (OUR_SENDER if catcher else None)
    plan = Plan(wishes.city.absolute(), place, _databases(wishes, home), ports, smtp, sender, management)
    services: list[Part] = [_service(each, plan, home) for each in SERVICES]
    passwords = {each: home.secret(f"password-{each}") for each in (*SERVICES, MONITOR)}
    chosen = frozenset(ports[part] for part in replaceable(wishes.ports, wishes.port_base) if part in ports)
    built = Built(services, below, plan, management, catcher, _urls(ports), passwords, chosen, node)
    if not ours:
        _reach(built)
    return built


def _ports(wishes: UpOptions, home: Home, *, broker: bool, catcher: bool) -> dict[str, int]:
    wanted = {"amqp": broker, "management": broker, "smtp": catcher, "mail-page": catcher}
    remembered = home.remembered().get("ports", {})
    ports = choose_ports(wishes.ports, wishes.port_base, remembered, wanted)
    home.remember(ports={**remembered, **ports}, city=str(wishes.city.absolute()))
    return ports


def _databases(wishes: UpOptions, home: Home) -> Mapping[str, str]:
    if wishes.database is None:
        return {each: f"sqlite:///{home.part(each) / f'{each}.db'}" for each in SERVICES}
    from concord_cli.up import databases

    urls = databases.postgres_urls(wishes.database)
    databases.create_missing(urls)
    return urls


def _node(home: Home, ports: Mapping[str, int]) -> RabbitNode:
    return RabbitNode(
        home.part("rabbitmq"),
        amqp_port=ports["amqp"],
        management_port=ports["management"],
        schedulers=beside_services(),
    )


def _management_of(node: RabbitNode, ports: Mapping[str, int]) -> str:
    login = f"{quote(node.user, safe='')}:{quote(node.password, safe='')}"
    return f"http://{login}@{LOOPBACK}:{ports['management']}"


def _catcher(home: Home, ports: Mapping[str, int]) -> ProgramPart:
    folder = home.part("mail-catcher")
    folder.mkdir(mode=0o700, exist_ok=True)
    arguments = ["-m", "concord_nodes.mail_catcher", "--smtp-port", str(ports["smtp"])]
    arguments += ["--http-port", str(ports["mail-page"]), "--folder", str(home.part("mails"))]
    env = plain_environment(os.environ)
    return ProgramPart("mail-catcher", arguments, env, folder, home.log("mail-catcher"))


def _service(name: str, plan: Plan, home: Home) -> ProgramPart:
    env = service_environment(name, plan, home, os.environ)
    return ProgramPart(name, ["-m", "concord_cli", "serve", name], env, home.part(name), home.log(name))


def _urls(ports: Mapping[str, int]) -> dict[str, str]:
    shown = ("intake", "routing", "notification", "metrics", "mail-page", "management")
    urls = {name: f"http://{LOOPBACK}:{ports[name]}" for name in shown if name in ports}
    return {**urls, "ops-page": f"{urls['metrics']}/ops"}


def _await_former_parts(home: Home) -> None:
    """After a `kill -9` of the last run its parts end by themselves; ports and files are free a moment later."""
    for name in (*SERVICES, "mail-catcher"):
        if home.part(name).exists():
            GuardedChild(name, home.part(name), home.log(name)).await_unlocked()


def _reach(built: Built) -> None:
    """Raises UsageError unless the running broker answers on both its addresses."""
    broker = built.plan.broker
    check_management(built.management_url)
    try:
        socket.create_connection((broker.host, broker.port), CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"No broker answers at {broker.host}:{broker.port} ({reason}): start it, or correct --broker."
        ) from error
    try:
        built.apply_topology()
    except NodeError as error:
        raise UsageError(f"{error.problem}; correct --management.") from error
