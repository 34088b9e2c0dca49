"""Standard output and standard error on any terminal and any pipe."""

import os
import sys
from typing import IO

DESCRIPTORS = (1, 2)


def prepare_streams() -> None:
    """Open closed streams to nowhere, and escape characters that a terminal's character set lacks.

    Without an open stream, the next file that the process opens would take the stream's place.
    """
    for descriptor in DESCRIPTORS:
        try:
            os.fstat(descriptor)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # None: the stream was closed when Python started
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def discard_rest(stream: IO[str]) -> None:
    """Send further output nowhere: the reader of the pipe, such as `head`, has ended."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
