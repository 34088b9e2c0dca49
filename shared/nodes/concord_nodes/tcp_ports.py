"""TCP ports on loopback: choosing one, checking one; and waiting for a condition with a deadline."""

import socket
import time
from collections.abc import Callable, Collection

from concord_nodes.errors import PortTaken
from concord_nodes.port_range import candidates, ephemeral_range
from concord_nodes.port_reservations import PortReservations

LOOPBACK = "127.0.0.1"


def free_port(excluded: Collection[int] = ()) -> int:
    """A port on loopback on which nobody listens, outside the ephemeral range, reserved for this process."""
    return free_ports(1, excluded)[0]


def free_ports(count: int, excluded: Collection[int] = ()) -> list[int]:
    """Distinct free ports, as `free_port` gives them. Raises NodeError when there are too few."""
    return PortReservations().reserve(count, candidates(ephemeral_range()), is_free, excluded)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def claim(port: int) -> bool:
    """Reserve this port for this process if it is free and no other process has reserved it; whether it did."""
    return is_free(port) and PortReservations().claim(port)


def choose_port(asked: int, remembered: int, what: str) -> int:
    """The port asked for, else the one remembered, else a free one (0 means no wish).

    Raises PortTaken when the port asked for is taken; a remembered one that is taken is replaced.
    """
    if asked:
        if not is_free(asked):
            raise PortTaken(LOOPBACK, asked, what)
        return asked
    return remembered if remembered and claim(remembered) else free_port()


def until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Ask `condition` until it is true (then True) or the seconds are over (then False)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
