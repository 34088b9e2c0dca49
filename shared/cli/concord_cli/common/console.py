"""A terminal for tables and progress that may go away."""

from rich.console import Console as RichConsole

from concord_cli.common.output_streams import discard_rest


class Console(RichConsole):
    """Continues in silence when the reader of a pipe has ended. rich itself would end the thread that prints."""

    def on_broken_pipe(self) -> None:
        discard_rest(self.file)
