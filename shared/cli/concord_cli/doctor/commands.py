"""`concord doctor`: the options, and the order in which things are looked at."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from concord_cli.common.options import home_option
from concord_cli.doctor import report
from concord_cli.doctor.broker_probe import examine_broker, examine_login
from concord_cli.doctor.database_probe import examine_database
from concord_cli.doctor.findings import Finding, Level, warning
from concord_cli.doctor.machine_probe import examine_disks, keys_of_environment, keys_of_home
from concord_cli.doctor.machine_rules import judge_keys
from concord_cli.doctor.service_probe import examine_service
from concord_cli.doctor.targets import Places, given, is_home, of_home


@click.command()
@home_option("Home folder of a local run: looked at when nothing but --database is named.")
@click.option(
    "--management",
    metavar="URL",
    envvar="CONCORD_MANAGEMENT_URL",
    help="The broker's management API with an administrator's login: http://user:password@host:15672.",
)
@click.option("--vhost", default="/", show_default=True, help="Virtual host of the broker.")
@click.option("--broker", "brokers", multiple=True, metavar="URL", help="A login to try: amqp://user:password@host/.")
@click.option("--service", "services", multiple=True, metavar="NAME=URL", help="A service: intake=http://host:8080.")
@click.option(
    "--database",
    "databases",
    multiple=True,
    metavar="[NAME=]URL",
    help="A service's database; without NAME a server, ending in /, with concord_<service>.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
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
    """Look for what is wrong and say what to do. Nothing is changed.

    Looked at: the broker (version, alarms, partitions, disk), its topology against the declared one, queues that
    nobody reads, logins and permissions, subscribers against their grants, each service, database schemas, clocks,
    disk space, keys.

    Exit code: 0 without problems (warnings may be there), 1 with problems, 2 for a wrong call.

    \b
    Examples:
      concord doctor                                    the local run in .concord
      concord doctor --json | jq '.findings[] | select(.level == "problem")'
      concord doctor --management http://admin:SECRET@broker:15672 \\
                     --service intake=http://intake:8080 --service routing=http://routing:8080 \\
                     --database postgresql+psycopg2://concord:SECRET@db:5432/
    """
    named = given(management, vhost, brokers, services, databases)
    if management or brokers or services or (databases and not is_home(home)):
        findings = list(examine(named))
    else:
        local = of_home(home)
        findings = list(examine(replace(local, databases=named.databases or local.databases)))
    click.echo(report.as_json(findings) if as_json else report.as_lines(findings))
    context.exit(1 if any(each.level is Level.PROBLEM for each in findings) else 0)


def examine(places: Places) -> Iterator[Finding]:
    """Everything that is named; a warning for each part that is not."""
    if places.management:
        yield from examine_broker(places.management, places.vhost)
    else:
        yield _unseen("broker", "--management")
    for address in places.logins:
        yield examine_login(address)
    for name, url in places.services.items():
        yield from examine_service(name, url)
    if not places.services:
        yield _unseen("services", "--service")
    for name, url in places.databases.items():
        yield examine_database(name, url)
    if not places.databases:
        yield _unseen("databases", "--database")
    yield from examine_disks(places.folders)
    keys = keys_of_home(places.key_files) if places.key_files else keys_of_environment(os.environ)
    yield from judge_keys(keys)


def _unseen(about: str, option: str) -> Finding:
    return warning(about, "not looked at", f"Name it with {option}.")
