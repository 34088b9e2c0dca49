"""`concord completion`."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_CONCORD_COMPLETE"
"""Environment variable by which click recognises a call from the shell."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL: bash, zsh or fish.

    For bash, add the first example to ~/.bashrc.

    \b
    Examples:
      eval "$(concord completion bash)"
      concord completion zsh > "${fpath[1]}/_concord"
      concord completion fish > ~/.config/fish/completions/concord.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # click supports each of SHELLS
    click.echo(kind(context.find_root().command, {}, "concord", VARIABLE).source())
