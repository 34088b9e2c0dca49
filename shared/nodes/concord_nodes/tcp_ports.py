"""TCP ports on loopback, and waiting for a condition with a deadline."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

from concord_nodes.errors import NodeError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Distinct free ports: all are held open until the last is found, so that none comes twice."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose_port(asked: int, remembered: int, what: str) -> int:
    """The port asked for, else the one remembered, else a free one (0 means no wish).

    Raises NodeError when the port asked for is taken; a remembered one that is taken is given up silently.
    """
    if asked:
        if not is_free(asked):
            raise NodeError(
                f"Port {asked} on {LOOPBACK}, wanted for {what}, is taken by another program.",
                "Stop that program or choose another port.",
            )
        return asked
    return remembered if remembered and is_free(remembered) else free_port()


def until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Ask `condition` until it is true (then True) or the seconds are over (then False)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
