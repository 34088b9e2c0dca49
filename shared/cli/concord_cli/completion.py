"""`concord completion`: the lines that let a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_CONCORD_COMPLETE"
"""By its name click finds that the shell, not a person, calls."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what lets SHELL complete concord's commands and options with the Tab key.

    \b
    Examples:
      eval "$(concord completion bash)"                                    this shell only; or in ~/.bashrc
      concord completion zsh > "${fpath[1]}/_concord"
      concord completion fish > ~/.config/fish/completions/concord.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # each of SHELLS is one of click's own
    click.echo(kind(context.find_root().command, {}, "concord", VARIABLE).source())
