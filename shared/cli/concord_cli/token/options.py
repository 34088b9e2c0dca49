"""Options that the commands about keys share: where the keys are, how long one lives, JSON."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from concord_bus.topology import SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.options import home_option
from concord_cli.token.target import home_database

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_LIFE = re.compile(r"(\d{1,5})([hdw])")


class Life(click.ParamType[timedelta]):
    """`12h`, `90d` or `26w`."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = _LIFE.fullmatch(str(value))
        if found is None:
            self.fail(
                f"{value!r} is no length of time: write hours, days or weeks, such as 12h, 90d or 26w.", param, ctx
            )
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


LIFE = Life()

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")


def place(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --database, --home and --service; the command gets `url` and, for a local run, `home`."""

    @click.option("--database", help="The service's database.  [default: its SQLite file in --home]")
    @home_option()
    @click.option(
        "--service", type=click.Choice(SERVICES), default="routing", show_default=True, help="Whose keys, in --home."
    )
    @wraps(command)
    def placed(database: str | None, home: Path, service: str, **others: Any) -> None:
        if database is None:
            return command(url=home_database(home, service), home=home, **others)
        context = click.get_current_context()
        for other in ("home", "service"):
            if context.get_parameter_source(other) is ParameterSource.COMMANDLINE:
                raise UsageError(f"--database and --{other} exclude each other.")
        return command(url=database, home=None, **others)

    return placed
