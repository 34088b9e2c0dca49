"""The example service as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "deploy" / "examples" / "parks_service.py"


@contextmanager
def example(url: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The process and the file it prints to."""
    output = folder / "printed"
    env = os.environ | {"CONCORD_URL": url, "PARKS_DEAD_LETTERS": str(folder / "dead-letters")}
    with output.open("a") as opened:
        process = subprocess.Popen([sys.executable, EXAMPLE], env=env, stdout=opened, stderr=opened, text=True)
    try:
        yield process, output
    finally:
        process.kill()
        process.wait()
