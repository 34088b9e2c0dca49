"""`concord keys` and its sub-command."""

import click
from cryptography.fernet import Fernet


@click.group()
def keys() -> None:
    """Generate encryption keys.

    Services encrypt private messages with them, and notification its vault.

    \b
    Example:
      concord keys new > routing.key
    """


@keys.command()
def new() -> None:
    """Generate a Fernet key and print it.

    To rotate a key:

    \b
    1. Put the new key before the old one, in the variable (separated by a
       comma) or in the key file (one key per line) of every service with it.
    2. Restart these services.
    3. Remove the old key when no data encrypted with it are left.

    \b
    Examples:
      concord keys new > routing.key          for CONCORD_KEYS_ROUTING_FILE
      export CONCORD_VAULT_KEYS="$(concord keys new),$CONCORD_VAULT_KEYS"
    """
    click.echo(Fernet.generate_key().decode())
