"""TCP ports on loopback: choosing one, checking one; and waiting for a condition with a deadline."""

import socket
import time
from collections.abc import Callable, Collection

from concord_nodes.errors import PortTaken
from concord_nodes.port_range import candidates, ephemeral_range
from concord_nodes.port_reservations import PortReservations

LOOPBACK = "127.0.0.1"


def free_port(excluded: Collection[int] = ()) -> int:
    """Reserve a free loopback port outside the ephemeral range for this process, and return it."""
    return free_ports(1, excluded)[0]


def free_ports(count: int, excluded: Collection[int] = ()) -> list[int]:
    """Reserve distinct ports as `free_port` does. Raises NodeError when there are too few."""
    return PortReservations().reserve(count, candidates(ephemeral_range()), is_free, excluded)


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def claim(port: int) -> bool:
    """Reserve this port if it is free and no other process has reserved it; return whether it did."""
    return is_free(port) and PortReservations().claim(port)


def choose_port(requested: int, remembered: int, what: str) -> int:
    """Return the requested port, else the remembered one if it is free, else a free one; 0 means none.

    Raises PortTaken when another program has the requested port.
    """
    if requested:
        if not is_free(requested):
            raise PortTaken(LOOPBACK, requested, what)
        return requested
    return remembered if remembered and claim(remembered) else free_port()


def until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Call `condition` until it is true or the seconds are over; return whether it became true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
