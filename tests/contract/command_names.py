"""The command line as a listing: commands, arguments, options, and exit codes, documented and seen.

Lines are, for example, `concord up option --once flag` and `exit 2: concord serve unknown`.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from .described_services import CITY, ROOT
from .product import concord

NOWHERE = "127.0.0.1:1"
CALLS = (
    "concord --version",
    "concord --no-such-option",
    "concord no-such-command",
    "concord serve unknown",
    f"concord city check {CITY}",
    "concord city check .",
    "concord city init elm",
    "concord topology show",
    f"concord topology apply --management http://admin:secret@{NOWHERE}",
    "concord contracts list",
    "concord contracts schema no.such.type.v1",
    "concord completion bash",
    "concord completion no-such-shell",
    "concord up --home home --database mysql://127.0.0.1/",
    "concord up --home home --smtp smtp://127.0.0.1",
    "concord import no-such-file.csv",
    "concord parked list",
    "concord token list",
    "concord audit verify --database sqlite:///no-such-file.db",
    f"concord webhook list --url http://{NOWHERE}",
    f"concord tail --broker amqp://user:secret@{NOWHERE}/",
    f"concord subscriber list --management http://admin:secret@{NOWHERE}",
)
"""Calls that end at once and change nothing, with the exit codes that scripts rely on."""


def command_names() -> Iterator[str]:
    yield from _command(click.Context(concord, info_name="concord", **concord.context_settings))
    yield from _exits()
    yield from _modules()


def _command(context: click.Context) -> Iterator[str]:
    command, path = context.command, context.command_path
    yield path
    if codes := _documented_codes(command.help or ""):
        yield f"{path} exit codes {codes}"
    yield from (f"{path} {line}" for line in _parameters(context))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _command(click.Context(found, info_name=name, parent=context))


def _parameters(context: click.Context) -> Iterator[str]:
    parameters = context.command.params
    arguments = [parameter for parameter in parameters if isinstance(parameter, click.Argument)]
    for position, argument in enumerate(arguments, 1):
        yield f"argument {position} {argument.human_readable_name} {_about(argument)}"
    for option in parameters:
        if option not in arguments:
            names = " ".join((*option.opts, *(f"off:{name}" for name in option.secondary_opts)))
            yield f"option {names} {_about(option)}"
    # click caches the option for help of the first call, so its names depend on what ran before.
    yield f"option {' '.join(context.help_option_names)} flag"


def _documented_codes(text: str) -> str:
    """The numbers of the paragraph that begins with "Exit code", without the words around them."""
    found = re.search(r"Exit code.*?(?:\n\s*\n|\Z)", text, re.DOTALL)
    return " ".join(sorted(set(re.findall(r"\b\d{1,3}\b", found[0])), key=int)) if found else ""


def _about(parameter: click.Parameter) -> str:
    flag = getattr(parameter, "is_flag", False)
    parts = ["flag" if flag else _type(parameter.type)]
    parts += ["required"] * parameter.required
    parts += ["many"] * (parameter.nargs == -1 or bool(getattr(parameter, "multiple", False)))
    if parameter.envvar:
        parts.append(f"envvar={parameter.envvar}")
    if not flag and isinstance(parameter.default, str | int | float):
        parts.append(f"default={parameter.default}")
    return " ".join(parts)


def _type(kind: Any) -> str:
    if isinstance(kind, click.Choice):
        return "|".join(str(choice) for choice in kind.choices)
    if isinstance(kind, click.IntRange | click.FloatRange):
        return f"{kind.name}({kind.min}..{kind.max})"
    return str(kind.name)


def _exits() -> Iterator[str]:
    empty: dict[str, str | None] = {name: None for name in os.environ if name.startswith("CONCORD_")}
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for call in CALLS:
                result = CliRunner(env=empty).invoke(concord, call.split()[1:])
                yield f"exit {result.exit_code}: {call.replace(str(ROOT) + '/', '')}"
        finally:
            os.chdir(here)


def _modules() -> Iterator[str]:
    """What the guides have an operator run besides `concord`, where it is there to run."""
    guides = "".join(file.read_text("utf-8") for file in (ROOT / "docs" / "guide").glob("*.md"))
    for module in set(re.findall(r"python -m (concord_[a-z_.]*[a-z_])", guides)):
        if find_spec(module):
            yield f"python -m {module}"
