"""`concord up`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from concord_cli.common.options import home_option, json_option
from concord_cli.common.source_checkout import source_checkout
from concord_cli.records.ready import READY
from concord_cli.up.options import UpOptions, sample_city, sample_records
from concord_cli.up.port_allocation import PUBLIC

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PORT = click.IntRange(0, 65535)
Command = Callable[..., None]


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator for several options, in the order of their help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


run_options = _together(
    home_option("Folder for all data of the run."),
    click.option("--city", type=FOLDER, help="City folder.  [default: the Boston sample]"),
    click.option(
        "--records",
        type=FILE,
        help="CSV file of concerns to import.  [default: 2,000 records of the sample city]",
    ),
    click.option(
        "--columns", type=FILE, help="Mapping of the columns of --records.  [default: columns.toml in the city folder]"
    ),
    click.option("--from", "ready", type=click.Choice(READY), help="Ready mapping of a published export."),
    click.option("--no-import", is_flag=True, help="Import no records."),
    click.option("--as-new", is_flag=True, help="Import records as new concerns of today, without their own times."),
    click.option("--once", is_flag=True, help="Stop when every concern is accounted for."),
    json_option("Print the final report as JSON on standard output."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=1),
        help="Seconds until every concern must be accounted for, and at most until all services are ready.  "
        "[default: 240, plus 1 per 20 records]",
    ),
)

server_options = _together(
    click.option("--broker", envvar="CONCORD_UP_BROKER", help="Use a running RabbitMQ: amqp://host:5672/vhost."),
    click.option(
        "--management",
        envvar="CONCORD_MANAGEMENT_URL",
        help="Management API of --broker, with an administrator's login: http://user:password@host:15672.",
    ),
    click.option(
        "--database",
        envvar="CONCORD_UP_DATABASE",
        help="Use PostgreSQL: postgresql+psycopg2://user:password@host:5432/.  [default: SQLite files]",
    ),
    click.option(
        "--smtp",
        envvar="CONCORD_SMTP_URL",
        help="Send mails to this server: smtp://user:password@host:587.  [default: a mail catcher]",
    ),
    click.option("--mail-from", envvar="CONCORD_MAIL_FROM", help="Sender of mails; required with --smtp."),
)

port_options = _together(
    click.option(
        "--port-base",
        type=PORT,
        help="First of the five TCP ports below; 0 for any free ones.  [default: as last time, else 8080]",
    ),
    *(click.option(f"--{name}-port", type=PORT, help=f"TCP port of {name}; 0 for any free one.") for name in PUBLIC),
)


@click.command()
@run_options
@server_options
@port_options
def up(city: Path | None, records: Path | None, no_import: bool, **others: Any) -> None:
    """Run broker, mail catcher and the four services on this machine.

    The first start imports the records and prints a report. The command restarts a process that ends. Ctrl-C stops
    all; the next start with the same --home continues. Logs are in the folder `logs` of --home, one file for each
    process; the broker's own log is in `rabbitmq/log`. If a service is not ready after 15 seconds, the command says
    why.

    Exit code: 0 when stopped, or with --once if every concern is accounted for; 1 with --once if not; 2 for a usage
    error; 130 for Ctrl-C during --once. With --once it is also 1 if a record differs from what is in.

    \b
    Examples:
      concord up                                 run the sample until Ctrl-C
      concord up --once --json > report.json     run the sample, then stop
      concord up --home /var/lib/concord --city boston/city \\
                 --records boston/records.csv
      concord up --broker amqp://broker:5672/concord \\
                 --management http://admin:SECRET@broker:15672 \\
                 --database postgresql+psycopg2://concord:SECRET@db:5432/
    """
    if no_import and records:
        raise click.UsageError("--no-import and --records exclude each other.")
    if (others["columns"] or others["ready"]) and not records:
        raise click.UsageError("--columns and --from need --records, the file that they map.")
    if others["broker"] and not others["management"]:
        raise click.UsageError("--broker needs --management too, to declare queues and logins.")
    if others["smtp"] and not others["mail_from"]:
        raise click.UsageError("--smtp needs --mail-from (or CONCORD_MAIL_FROM), the sender of the mails.")
    checkout = source_checkout()
    if records is None and city is None and not no_import:
        records = sample_records(checkout)
    ports = {name: port for name in PUBLIC if (port := others.pop(f"{name.replace('-', '_')}_port")) is not None}
    options = UpOptions(city=city or sample_city(checkout), records=records, ports=ports, **others)
    from concord_cli.up.run import run

    sys.exit(run(options))
