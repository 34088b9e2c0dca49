"""Errors that end a command with one line on standard error.

`click.ClickException` ends it with exit code 1: the call was right, but the command could not do its work.
"""

import click


class UsageError(click.ClickException):
    """A wrong option, setting or environment; the text says what to correct. Exit code 2."""

    exit_code = 2
