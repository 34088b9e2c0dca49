"""`concord topology` and its sub-commands."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from concord_bus.settings import SettingsError, required
from concord_bus.topology.declarations import MONITOR, SERVICES
from concord_bus.topology.definitions import definitions
from concord_bus.topology.old_bindings import remove_old_bindings
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import passwords_of
from concord_cli.common.options import home_option
from concord_cli.subscriber.target import target_of
from concord_http.rabbitmq_management import ManagementError, RabbitManagement


def password_variable(service: str) -> str:
    """Return the variable with the password of a service's broker login; with `_FILE` added, that of its file."""
    return f"CONCORD_{service.upper()}_PASSWORD"


@click.group()
def topology() -> None:
    """Show or apply the broker's exchanges, queues and logins.

    \b
    Examples:
      concord topology show > definitions.json
      concord topology apply --passwords passwords.json
    """


@topology.command()
@click.option("--vhost", default="/", show_default=True, help="Virtual host of the broker.")
def show(vhost: str) -> None:
    """Print the declared topology.

    The output is RabbitMQ's definitions document, without passwords.

    \b
    Example:
      concord topology show > definitions.json
    """
    click.echo(json.dumps(without_passwords(definitions(dict.fromkeys(SERVICES, ""), vhost)), indent=2))


def without_passwords(document: Mapping[str, Any]) -> dict[str, Any]:
    secret = {"password_hash", "hashing_algorithm"}
    users = [{name: value for name, value in user.items() if name not in secret} for user in document["users"]]
    return {**document, "users": users}


@topology.command(name="apply")
@click.option(
    "--management",
    "url",
    envvar="CONCORD_MANAGEMENT_URL",
    help="Management API of the broker, with an administrator's login: http://user:password@host:15672.  "
    "[default: the broker of --home]",
)
@click.option("--vhost", default="/", show_default=True, help="Virtual host of the broker; created if missing.")
@click.option(
    "--passwords",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='JSON file with the password of each service\'s login: {"intake": "...", ...}.',
)
@home_option("Home folder of a local run, whose broker and passwords the command takes without --management.")
@click.option("--keep-bindings", is_flag=True, help="Leave bindings that this version does not declare.")
def apply_to(url: str | None, vhost: str, passwords: Path | None, home: Path, keep_bindings: bool) -> None:
    """Declare exchanges, queues, policies and logins on a broker.

    You can repeat the command: existing parts stay. The command removes bindings of the services' queues that this
    version does not declare, unless you say --keep-bindings, as while older services still run.

    Passwords of the logins come from --passwords, or from the variables CONCORD_INTAKE_PASSWORD,
    CONCORD_ROUTING_PASSWORD and so on (or the same name with _FILE). A service without a password gets no login. The
    login `monitor` (CONCORD_MONITOR_PASSWORD) only reads the broker's state, for the ops page.

    For a local run with its own broker, the command finds the broker's administrator and the passwords in --home.

    \b
    Examples:
      concord topology apply --home .concord
      CONCORD_MANAGEMENT_URL=http://admin:SECRET@127.0.0.1:15672 \\
      concord topology apply --passwords passwords.json
    """
    target = target_of(url, vhost, None, home)
    logins = from_file(passwords) if passwords else from_environment(os.environ)
    if target.home and not logins:
        logins = passwords_of(target.home)
    management, declared = RabbitManagement(target.management, tls=target.tls), definitions(logins, vhost)
    audit = target.audit()
    try:
        management.import_definitions(declared)
        removed = 0 if keep_bindings else _remove_old_bindings(management, declared, vhost)
    except ManagementError as error:
        raise UsageError(str(error)) from error
    audit.record("topology.applied", "broker:topology", logins=len(logins), removed_bindings=removed)
    click.echo(f"Applied to virtual host {vhost}. Logins: {', '.join(logins) or 'none'}.")
    for service in SERVICES:
        if service not in logins:
            click.echo(f"No login for {service}: set {password_variable(service)}.", err=True)


def _remove_old_bindings(management: RabbitManagement, declared: Mapping[str, Any], vhost: str) -> int:
    """Remove them, print each, and return their number."""
    removed = remove_old_bindings(management, declared, vhost)
    for row in removed:
        click.echo(f"Removed the old binding {row['source']} → {row['destination']} ({row['routing_key']}).")
    return len(removed)


def from_file(file: Path) -> dict[str, str]:
    """Return passwords by service from a JSON object. Raises UsageError for other content."""
    try:
        logins = json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise UsageError(f"{file} is not valid JSON: {error}") from error
    if not isinstance(logins, dict) or not all(isinstance(value, str) and value for value in logins.values()):
        raise UsageError(f'{file} must contain one JSON object of texts: {{"intake": "...", ...}}')
    known = (*SERVICES, MONITOR)
    if unknown := sorted(set(logins) - set(known)):
        raise UsageError(f"{file} names unknown services: {', '.join(unknown)}; known are {', '.join(known)}.")
    return logins


def from_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the passwords in the environment, by service. Raises UsageError for an unreadable file."""
    names = {login: password_variable(login) for login in (*SERVICES, MONITOR)}
    try:
        return {login: required(env, name) for login, name in names.items() if env.get(name) or env.get(f"{name}_FILE")}
    except SettingsError as error:
        raise UsageError(str(error)) from error
