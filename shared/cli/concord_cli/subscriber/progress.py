"""How far a long copy has come, told now and then."""

import time

import click

from concord_cli.subscriber.backfill import Progress

SECONDS = 2.0


class ProgressLine:
    """Prints a line to standard error, at most one every two seconds; none for what is quick."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._told >= SECONDS:
            self._told = time.monotonic()
            click.echo(f"{progress.read:,} read, {progress.copied:,} copied", err=True)
