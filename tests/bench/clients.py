"""Starting the load's process and waiting for what it measured."""

import json
import subprocess
import sys
from typing import Any

from figures import HERE
from programs import plain_environment


class Load:
    """One load, running beside us. Leaving the block ends it."""

    def __init__(self, mode: str, port: int, **told: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "load", json.dumps({"mode": mode, "port": port, **told})],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=HERE,
            env=plain_environment(),
        )

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def result(self, seconds: float = 240) -> dict[str, Any]:
        """Raises RuntimeError when the load ended in failure."""
        out, _ = self._process.communicate(timeout=seconds)
        if self._process.returncode:
            raise RuntimeError("the load broke off")
        found: dict[str, Any] = json.loads(out)
        return found


def load(mode: str, port: int, **told: Any) -> dict[str, Any]:
    """Run one load to its end."""
    with Load(mode, port, **told) as under_way:
        return under_way.result()
