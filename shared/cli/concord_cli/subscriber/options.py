"""What the sub-commands of `concord subscriber` share: where the broker is, lists, days, and how errors are told."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from concord_bus.topology import InvalidGrant, LoginTaken, Subscriber, Subscribers
from concord_cli.common.errors import UsageError
from concord_cli.common.options import home_option
from concord_cli.subscriber.target import place_of
from concord_http.rabbitmq_management import ManagementError

_DAYS = re.compile(r"(\d{1,4})([dw])")
Command = Callable[..., None]

NAME = click.argument("name", metavar="NAME")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")


class Days(click.ParamType[int]):
    """`30d` or `4w`, as days."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _DAYS.fullmatch(str(value))
        if found is None:
            self.fail(f"'{value}' is no number of days: write it like 30d or 4w.", param, ctx)
        return int(found[1]) * (7 if found[2] == "w" else 1)


class Codes(click.ParamType[tuple[str, ...]]):
    """`B2,B3`: codes with commas between, each once."""

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(dict.fromkeys(each.strip() for each in str(value).split(",") if each.strip()))


def where(command: Command) -> Command:
    """Adds --management, --vhost, --broker and --home; the command gets `place`."""

    @click.option(
        "--management",
        metavar="URL",
        envvar="CONCORD_MANAGEMENT_URL",
        show_envvar=True,
        help="The broker's management API with an administrator's login: http://user:password@host:15672.  "
        "[default: that of --home]",
    )
    @click.option("--vhost", default="/", show_default=True, help="Virtual host of the broker.")
    @click.option(
        "--broker",
        metavar="URL",
        help="amqp://user:password@host:5672/vhost of an administrator, as subscribers reach the broker too.  "
        "[default: --management's host and login]",
    )
    @home_option()
    @wraps(command)
    def placed(management: str | None, vhost: str, broker: str | None, home: Path, **others: Any) -> None:
        with told():
            command(place=place_of(management, vhost, broker, home), **others)

    return placed


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong ends the command with one line: exit code 2 for a wrong call, 1 for what could not be done."""
    try:
        yield
    except InvalidGrant as error:
        option = error.option if error.option == "NAME" else f"--{error.option}"
        raise UsageError(f"{option}: {error}.") from error
    except LoginTaken as error:
        raise UsageError(f"NAME: {error}.") from error
    except ManagementError as error:
        raise click.ClickException(str(error)) from error


def existing(subscribers: Subscribers, name: str) -> Subscriber:
    """Raises ClickException with the names there are."""
    found = subscribers.find(name)
    if found is None:
        names = ", ".join(each.grant.name for each in subscribers.all())
        raise click.ClickException(
            f"There is no subscriber '{name}'. " + (f"There are {names}." if names else "There is none yet.")
        )
    return found
