"""From options to processes: programs, TCP ports, databases and environments of a run."""

import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import MONITOR, SERVICES, queues_of
from concord_bus.topology.definitions import definitions
from concord_bus.topology.old_bindings import remove_old_bindings
from concord_cli.common.broker_target import broker_tls, management_url
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import Home
from concord_cli.up.environment import Plan, plain_environment, service_environment
from concord_cli.up.options import DEFAULT_SENDER, UpOptions, broker_address, check_management
from concord_cli.up.port_allocation import choose_ports, replaceable
from concord_cli.up.processes import BrokerProcess, ManagedProcess, ProgramProcess
from concord_http.rabbitmq_management import ManagementError, RabbitManagement
from concord_i18n.languages import supported_languages
from concord_nodes import RabbitNode
from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.rabbitmq_config import beside_services, find_script
from concord_nodes.tcp_ports import LOOPBACK, is_free

CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything to start. `has_catcher` is whether mails stay on this machine."""

    services: list[ManagedProcess]
    backends: list[ManagedProcess]
    plan: Plan
    management_url: str
    has_catcher: bool
    urls: dict[str, str]
    passwords: dict[str, str]
    chosen_ports: frozenset[int]
    node: RabbitNode | None = None

    def lost_port(self, problem: str) -> bool:
        """Return whether another program took a port that no option names, now or as the text `problem` states.

        Call it when nothing of the installation runs.
        """
        stated = [int(port) for port in re.findall(r"(?:^Port |:)(\d+)\b.* is (?:taken|in use) by", problem)]
        return any(port in stated or not is_free(port) for port in self.chosen_ports)

    def apply_topology(self) -> None:
        """Declare exchanges, queues and logins, and wait until new queues of our own broker survive a kill.

        Raises NodeError if the broker refuses.
        """
        try:
            declared = definitions(self.passwords, self.plan.broker.vhost)
            management = RabbitManagement(self.management_url, tls=broker_tls())
            management.import_definitions(declared)
            remove_old_bindings(management, declared, self.plan.broker.vhost)
        except ManagementError as error:
            raise NodeError(f"applying the topology failed: {error}", "See the broker's log.") from error
        if self.node:
            queues = [name for service in SERVICES.values() for name in (*queues_of(service.name), service.dead)]
            self.node.await_recoverable(*queues, vhost=self.plan.broker.vhost, streams=True)


def build(options: UpOptions, home: Home) -> Installation:
    """Return everything to start. Raises UsageError for a wrong option or environment."""
    own_broker, has_catcher = options.broker is None, options.smtp is None
    if own_broker:
        find_script("rabbitmq-server")
    _await_previous_run(home)
    ports = _ports(options, home, own_broker=own_broker, has_catcher=has_catcher)
    node = _node(home, ports) if own_broker else None
    backends: list[ManagedProcess] = [BrokerProcess(node)] if node else []
    if has_catcher:
        backends.append(_mail_catcher(home, ports))
    management = management_url(node.user, node.password, ports["management"]) if node else options.management or ""
    plan = _plan(options, home, ports, management)
    chosen = frozenset(ports[part] for part in replaceable(options.ports, options.port_base) if part in ports)
    installation = Installation(
        services=[_service(name, plan, home) for name in SERVICES],
        backends=backends,
        plan=plan,
        management_url=management,
        has_catcher=has_catcher,
        urls=_urls(ports),
        passwords={login: home.secret(f"password-{login}") for login in (*SERVICES, MONITOR)},
        chosen_ports=chosen,
        node=node,
    )
    if not own_broker:
        _check_broker(installation)
    return installation


def check_city(folder: Path, say: Callable[[str], None]) -> None:
    """Validate the city folder and print the number of warnings. Raises UsageError, which lists all errors."""
    from concord_city import check

    findings = check(folder, texts=supported_languages())
    if any(finding.level == "error" for finding in findings):
        lines = "\n".join(f"  {finding}" for finding in findings if finding.level != "note")
        raise UsageError(f"{folder} is not a usable city folder:\n{lines}")
    if warnings := sum(finding.level == "warning" for finding in findings):
        say(f"{folder}: usable, {warnings} warnings; run `concord city check {folder}` to list them.")


def _ports(options: UpOptions, home: Home, *, own_broker: bool, has_catcher: bool) -> dict[str, int]:
    wanted = {"amqp": own_broker, "management": own_broker, "smtp": has_catcher, "mail-page": has_catcher}
    remembered = home.remembered().get("ports", {})
    ports = choose_ports(options.ports, options.port_base, remembered, wanted)
    home.remember(ports={**remembered, **ports}, city=str(options.city.absolute()))
    return ports


def _plan(options: UpOptions, home: Home, ports: Mapping[str, int], management: str) -> Plan:
    broker = broker_address(options.broker) if options.broker else BrokerAddress(LOOPBACK, ports["amqp"], "", "", "/")
    smtp = options.smtp or f"smtp://{LOOPBACK}:{ports['smtp']}"
    sender = options.mail_from or (None if options.smtp else DEFAULT_SENDER)
    return Plan(options.city.absolute(), broker, _databases(options, home), ports, smtp, sender, management)


def _databases(options: UpOptions, home: Home) -> Mapping[str, str]:
    from concord_cli.common.database_urls import server_urls, sqlite_url

    if options.database is None:
        return {name: sqlite_url(home.part(name) / f"{name}.db") for name in SERVICES}
    from concord_cli.up.databases import create_missing

    urls = server_urls(options.database)
    create_missing(urls)
    return urls


def _node(home: Home, ports: Mapping[str, int]) -> RabbitNode:
    return RabbitNode(
        home.part("rabbitmq"),
        amqp_port=ports["amqp"],
        management_port=ports["management"],
        schedulers=beside_services(),
    )


def _mail_catcher(home: Home, ports: Mapping[str, int]) -> ProgramProcess:
    folder = home.part("mail-catcher")
    folder.mkdir(mode=0o700, exist_ok=True)
    arguments = ["-m", "concord_nodes.mail_catcher", "--smtp-port", str(ports["smtp"])]
    arguments += ["--http-port", str(ports["mail-page"]), "--folder", str(home.part("mails"))]
    env = plain_environment(os.environ)
    return ProgramProcess("mail-catcher", arguments, env, folder, home.log("mail-catcher"))


def _service(name: str, plan: Plan, home: Home) -> ProgramProcess:
    env = service_environment(name, plan, home, os.environ)
    return ProgramProcess(name, ["-m", "concord_cli", "serve", name], env, home.part(name), home.log(name))


def _urls(ports: Mapping[str, int]) -> dict[str, str]:
    shown = ("intake", "routing", "notification", "metrics", "mail-page", "management")
    urls = {name: f"http://{LOOPBACK}:{ports[name]}" for name in shown if name in ports}
    pages = {"report-page": f"{urls['intake']}/report", "desk": f"{urls['routing']}/desk"}
    return {**pages, **urls, "ops-page": f"{urls['metrics']}/ops"}


def _await_previous_run(home: Home) -> None:
    """Wait for the processes of a run that was killed: they end a moment later and then free ports and files."""
    for name in (*SERVICES, "mail-catcher"):
        if home.part(name).exists():
            GuardedChild(name, home.part(name), home.log(name)).await_unlocked()


def _check_broker(installation: Installation) -> None:
    """Connect to both addresses of the running broker. Raises UsageError."""
    broker = installation.plan.broker
    check_management(installation.management_url)
    try:
        socket.create_connection((broker.host, broker.port), CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"No response from the broker at {broker.authority} ({reason}): start it, or correct --broker."
        ) from error
    try:
        installation.apply_topology()
    except NodeError as error:
        raise UsageError(f"{error.problem}; correct --management.") from error
