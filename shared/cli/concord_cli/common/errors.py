"""What ends a command with one clear message."""

import click


class UsageError(click.ClickException):
    """Something outside must be put right first; the text says what. Exit code 2."""

    exit_code = 2
