"""`concord doctor`."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from concord_bus.settings import SettingsError, warning_days
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import is_home
from concord_cli.common.options import JSON, home_option
from concord_cli.doctor import report
from concord_cli.doctor.broker_probe import examine_broker, examine_logins
from concord_cli.doctor.certificate_probe import examine_certificates
from concord_cli.doctor.database_probe import examine_database
from concord_cli.doctor.findings import Finding, Level, warning
from concord_cli.doctor.machine_probe import examine_disks, keys_of_environment, keys_of_home
from concord_cli.doctor.machine_rules import check_keys
from concord_cli.doctor.service_probe import examine_service
from concord_cli.doctor.targets import Targets, local_targets, named_targets
from concord_cli.doctor.zone_probe import examine_zone
from concord_http.rabbitmq_management import management_address


@click.command()
@home_option("Home folder of a local run, to examine unless other options name more than a database.")
@click.option(
    "--management",
    metavar="URL",
    envvar="CONCORD_MANAGEMENT_URL",
    help="Management API of the broker, with an administrator's login: http://user:password@host:15672.",
)
@click.option("--vhost", default="/", show_default=True, help="Virtual host of the broker.")
@click.option(
    "--broker", "brokers", multiple=True, metavar="URL", help="Login to try: amqp://user:password@host/ (repeatable)."
)
@click.option(
    "--service", "services", multiple=True, metavar="NAME=URL", help="Service: intake=http://host:8080 (repeatable)."
)
@click.option(
    "--database",
    "databases",
    multiple=True,
    metavar="[NAME=]URL",
    help="Database of the service NAME, or a server (URL with / at its end) with databases concord_SERVICE "
    "(repeatable).",
)
@JSON
@click.pass_context
def doctor(
    context: click.Context,
    home: Path,
    management: str | None,
    vhost: str,
    brokers: tuple[str, ...],
    services: tuple[str, ...],
    databases: tuple[str, ...],
    as_json: bool,
) -> None:
    """Diagnose problems of a running Concord and suggest remedies; change nothing.

    The command examines:

    \b
    - the broker: version, alarms, partitions, disk, topology
    - queues without a consumer
    - logins, permissions, and the grants of subscribers
    - services, database schemas, certificates, clocks, zone data, disk space and keys

    Exit code: 0 without problems (there may be warnings), 1 with problems, 2 for a usage error.

    \b
    Examples:
      concord doctor                    examine the local run in .concord
      concord doctor --json | jq '.findings[] | select(.level == "problem")'
      concord doctor --management http://admin:SECRET@broker:15672 \\
        --service intake=http://intake:8080 \\
        --service routing=http://routing:8080 \\
        --database postgresql+psycopg2://concord:SECRET@db:5432/
    """
    targets = named_targets(management, vhost, brokers, services, databases)
    if not (management or brokers or services or (databases and not is_home(home))):
        local = local_targets(home)
        targets = replace(local, databases=targets.databases or local.databases)
    try:
        findings = list(examine(targets, warning_days(os.environ)))
    except SettingsError as error:
        raise UsageError(str(error)) from error
    click.echo(report.as_json(findings) if as_json else report.as_lines(findings))
    context.exit(1 if any(finding.level is Level.PROBLEM for finding in findings) else 0)


def examine(targets: Targets, days: int) -> Iterator[Finding]:
    """Examine all targets; yield a warning for each kind without a target, and `days` before a certificate ends."""
    if targets.management:
        yield from examine_broker(management_address(targets.management, targets.tls), targets.vhost)
    else:
        yield _not_examined("broker", "--management")
    yield from examine_logins(targets.logins)
    for name, url in targets.services.items():
        yield from examine_service(name, url)
    if not targets.services:
        yield _not_examined("services", "--service")
    for name, url in targets.databases.items():
        yield examine_database(name, url)
    if not targets.databases:
        yield _not_examined("databases", "--database")
    yield from examine_certificates(targets, datetime.now(UTC), days)
    yield from examine_disks(targets.folders)
    yield from examine_zone(targets.city)
    keys = keys_of_home(targets.key_files) if targets.key_files else keys_of_environment(os.environ)
    yield from check_keys(keys)


def _not_examined(about: str, option: str) -> Finding:
    return warning(about, "not examined", f"Set {option}.")
