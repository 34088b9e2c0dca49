"""`concord keys`: keys for messages sealed for one service, and for notification's vault."""

import click
from cryptography.fernet import Fernet


@click.group()
def keys() -> None:
    """Make encryption keys."""


@keys.command()
def new() -> None:
    """Print a fresh Fernet key.

    To rotate, put the new key before the old one in the variable (comma separated) or in the key file (one a
    line) of every service that has it, restart them, and drop the old key when nothing sealed with it is left.

    \b
    Examples:
      concord keys new > routing.key          for CONCORD_KEYS_ROUTING_FILE
      export CONCORD_VAULT_KEYS="$(concord keys new),$CONCORD_VAULT_KEYS"
    """
    click.echo(Fernet.generate_key().decode())
