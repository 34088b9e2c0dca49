"""`concord up`: the options, and nothing else."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from concord_cli.up.options import UpOptions, checkout, sample_city, sample_records
from concord_cli.up.port_allocation import PUBLIC

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PORT = click.IntRange(0, 65535)


def _port_options(command: Callable[..., None]) -> Callable[..., None]:
    for name in reversed(PUBLIC):
        option = click.option(f"--{name}-port", type=PORT, help=f"Port of {name}; 0 for any free one.")
        command = option(command)
    return command


@click.command()
@click.option("--home", type=FOLDER, default=Path(".concord"), show_default=True, help="Folder for all that is kept.")
@click.option("--city", type=FOLDER, help="City folder.  [default: the Boston sample]")
@click.option(
    "--records", type=FILE, help="CSV file of concerns to take in.  [default: with the sample city, its 2,000]"
)
@click.option("--no-import", is_flag=True, help="Take no records in.")
@click.option("--as-new", is_flag=True, help="Take records in as if they were reported now, not with their own times.")
@click.option("--once", is_flag=True, help="End when every concern is accounted for: exit code 0, else 1.")
@click.option("--json", "as_json", is_flag=True, help="Print the final account as JSON on standard output.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    help="Seconds until all must be accounted for.  [default: 240 and 1 for 20 records]",
)
@click.option("--broker", envvar="CONCORD_UP_BROKER", help="Use a running RabbitMQ: amqp://host:5672/vhost.")
@click.option(
    "--management",
    envvar="CONCORD_MANAGEMENT_URL",
    help="Its management API with an administrator's login: http://user:password@host:15672.",
)
@click.option(
    "--database",
    envvar="CONCORD_UP_DATABASE",
    help="Use PostgreSQL: postgresql+psycopg2://user:password@host:5432/.  [default: SQLite files]",
)
@click.option(
    "--smtp",
    envvar="CONCORD_SMTP_URL",
    help="Send mails by this server: smtp://user:password@host:587.  [default: a mail catcher]",
)
@click.option("--mail-from", envvar="CONCORD_MAIL_FROM", help="Sender of mails, needed with --smtp.")
@click.option(
    "--port-base",
    type=PORT,
    help="First of the five ports in a row; 0 for any free ones.  [default: 8080, or as last time]",
)
@_port_options
def up(
    home: Path,
    city: Path | None,
    records: Path | None,
    no_import: bool,
    as_new: bool,
    once: bool,
    as_json: bool,
    timeout: float | None,
    broker: str | None,
    management: str | None,
    database: str | None,
    smtp: str | None,
    mail_from: str | None,
    port_base: int | None,
    **ports: int | None,
) -> None:
    """Run broker, mail catcher and the four services on this machine.

    On the first start the records are taken in; then a table tells what became of them. What dies is started
    again. Ctrl-C stops all, and the next start on the same --home goes on where this one ended.

    Exit code: 0 when stopped, or with --once when every concern is accounted for; 1 with --once when not;
    2 when something must be put right first; 130 when stopped during --once.

    \b
    Examples:
      concord up                                        the sample, until Ctrl-C
      concord up --once --json > account.json           the sample, then end
      concord up --home /var/lib/concord --city boston/city --records boston/records.csv
      concord up --broker amqp://broker:5672/concord \\
                 --management http://admin:SECRET@broker:15672 \\
                 --database postgresql+psycopg2://concord:SECRET@db:5432/
    """
    if no_import and records:
        raise click.UsageError("--no-import and --records exclude each other.")
    if bool(broker) != bool(management) and broker:
        raise click.UsageError("--broker needs --management too: queues and logins are declared through it.")
    if smtp and not mail_from:
        raise click.UsageError("--smtp needs --mail-from (or CONCORD_MAIL_FROM): the sender of the mails.")
    root = checkout()
    wishes = UpOptions(
        home=home,
        city=city or sample_city(root),
        records=_records(root, city, records, no_import),
        as_new=as_new,
        once=once,
        as_json=as_json,
        broker=broker,
        management=management,
        database=database,
        ports={name: port for name in PUBLIC if (port := ports[f"{name.replace('-', '_')}_port"]) is not None},
        port_base=port_base,
        smtp=smtp,
        mail_from=mail_from,
        timeout=timeout,
    )
    from concord_cli.up.run import run

    sys.exit(run(wishes))


def _records(root: Path, city: Path | None, records: Path | None, no_import: bool) -> Path | None:
    if no_import:
        return None
    if records or city:
        return records
    return sample_records(root)
