"""`concord topology`: what exists on the broker and who may do what."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from concord_bus.settings import SettingsError, required
from concord_bus.topology import MONITOR, SERVICES, definitions
from concord_cli.common.errors import UsageError
from concord_http.rabbitmq_management import ManagementError, RabbitManagement


def password_variable(service: str) -> str:
    """The environment variable with the password of a service's broker login; `_FILE` added, of a file with it."""
    return f"CONCORD_{service.upper()}_PASSWORD"


@click.group()
def topology() -> None:
    """The broker's exchanges, queues, policies and logins, declared in one place."""


@topology.command()
@click.option("--vhost", default="/", show_default=True, help="Virtual host that holds them.")
def show(vhost: str) -> None:
    """Print the declared topology as RabbitMQ's definitions document, without passwords.

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
    required=True,
    envvar="CONCORD_MANAGEMENT_URL",
    help="Management API with an administrator's login: http://user:password@host:15672.",
)
@click.option("--vhost", default="/", show_default=True, help="Virtual host, created when missing.")
@click.option(
    "--passwords",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='JSON file with the password of each service\'s login: {"intake": "...", ...}.',
)
def apply_to(url: str, vhost: str, passwords: Path | None) -> None:
    """Declare everything on a broker. May be repeated: what is there already stays.

    The passwords of the logins come from --passwords, or from CONCORD_INTAKE_PASSWORD,
    CONCORD_ROUTING_PASSWORD and so on (or the same name + _FILE). A service without a password gets no login.
    One for `monitor` (CONCORD_MONITOR_PASSWORD) may look at the broker for the ops page, and nothing else.

    \b
    Example:
      CONCORD_MANAGEMENT_URL=http://admin:SECRET@127.0.0.1:15672 \\
      concord topology apply --passwords passwords.json
    """
    given = from_file(passwords) if passwords else from_environment(os.environ)
    try:
        RabbitManagement(url).import_definitions(definitions(given, vhost))
    except ManagementError as error:
        raise UsageError(str(error)) from error
    click.echo(f"Applied to virtual host {vhost}. Logins: {', '.join(given) or 'none'}.")
    for service in SERVICES:
        if service not in given:
            click.echo(f"No login for {service}: set {password_variable(service)}.", err=True)


def from_file(file: Path) -> dict[str, str]:
    """Raises UsageError for what is no JSON object of service and password."""
    try:
        given = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is not valid JSON: {error}") from error
    if not isinstance(given, dict) or not all(isinstance(each, str) and each for each in given.values()):
        raise UsageError(f'{file} must hold one JSON object of texts: {{"intake": "...", ...}}')
    known = (*SERVICES, MONITOR)
    if unknown := sorted(set(given) - set(known)):
        raise UsageError(f"{file} names unknown services: {', '.join(unknown)}; known are {', '.join(known)}.")
    return given


def from_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Passwords of the services that have one set. Raises UsageError for a file that cannot be read."""
    names = {each: password_variable(each) for each in (*SERVICES, MONITOR)}
    try:
        return {each: required(env, name) for each, name in names.items() if env.get(name) or env.get(f"{name}_FILE")}
    except SettingsError as error:
        raise UsageError(str(error)) from error
