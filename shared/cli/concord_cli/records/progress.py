"""The progress bar of an import."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from concord_cli.common.console import Console
from concord_cli.common.importer import Import

REFRESH_SECONDS = 0.2
STOP_SECONDS = 5.0


def follow(job: Import, total: int) -> None:
    """Run the import to its end, and show how many of `total` records are in and how many are left."""
    left = TextColumn("{task.fields[left]:,} left")
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), left, TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=total, left=total)
        job.start()
        try:
            while not job.done.wait(REFRESH_SECONDS):
                done = job.accepted + len(job.refused)
                progress.update(bar, completed=done, left=total - done)
        except KeyboardInterrupt:
            job.stop()
            job.wait(STOP_SECONDS)
            raise
