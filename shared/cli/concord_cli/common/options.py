"""The option `--home` of every command that looks at a local run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])


def home_option(help_text: str = "Home folder of a local run.") -> Callable[[C], C]:
    """A folder that need not be there, `.concord` when none is named."""
    kind = click.Path(file_okay=False, path_type=Path)
    return click.option("--home", type=kind, default=Path(".concord"), show_default=True, help=help_text)
