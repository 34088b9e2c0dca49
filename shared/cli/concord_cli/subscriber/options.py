"""Options and arguments of the sub-commands of `concord subscriber`, and the exit codes of their errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from concord_bus.topology.grants import InvalidGrant
from concord_bus.topology.subscriber_admin import LoginTaken, Subscriber, Subscribers
from concord_cli.common.errors import UsageError
from concord_cli.common.options import JSON, home_option
from concord_cli.subscriber.target import target_of
from concord_http.rabbitmq_management import ManagementError

Command = Callable[..., None]

NAME = click.argument("name", metavar="NAME")


class Codes(click.ParamType[tuple[str, ...]]):
    """`B2,B3`: codes separated by commas, without duplicates."""

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(dict.fromkeys(code.strip() for code in str(value).split(",") if code.strip()))


def common_options(command: Command) -> Command:
    """Add --json, --management, --vhost, --broker and --home; the command gets `target` and `as_json`."""

    @JSON
    @click.option(
        "--management",
        metavar="URL",
        envvar="CONCORD_MANAGEMENT_URL",
        show_envvar=True,
        help="Management API of the broker, with an administrator's login: http://user:password@host:15672.  "
        "[default: the broker of --home]",
    )
    @click.option("--vhost", default="/", show_default=True, help="Virtual host of the broker.")
    @click.option(
        "--broker",
        metavar="URL",
        help="AMQP address that subscribers use too, with an administrator's login: "
        "amqp://user:password@host:5672/vhost.  [default: host and login of --management]",
    )
    @home_option()
    @wraps(command)
    def with_target(management: str | None, vhost: str, broker: str | None, home: Path, **others: Any) -> None:
        with reported_errors():
            command(target=target_of(management, vhost, broker, home), **others)

    return with_target


@contextmanager
def reported_errors() -> Iterator[None]:
    """Turn errors of the topology into one line: exit code 2 for a usage error, 1 for a failure of the broker."""
    try:
        yield
    except InvalidGrant as error:
        option = error.option if error.option == "NAME" else f"--{error.option}"
        raise UsageError(f"{option}: {error}.") from error
    except LoginTaken as error:
        raise UsageError(f"NAME: {error}.") from error
    except ManagementError as error:
        raise click.ClickException(str(error)) from error


def find_subscriber(subscribers: Subscribers, name: str) -> Subscriber:
    """Return the subscriber. Raises ClickException, which lists the existing names."""
    subscriber = subscribers.find(name)
    if subscriber is None:
        names = ", ".join(other.grant.name for other in subscribers.all()) or "none"
        raise click.ClickException(f"No subscriber '{name}'. Existing subscribers: {names}.")
    return subscriber
