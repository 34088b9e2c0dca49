"""Which port each part listens on: as asked, else as last time, else the usual one."""

import random
from collections.abc import Callable, Mapping

from concord_cli.errors import WrongCall
from concord_nodes.tcp_ports import LOOPBACK, is_free

PUBLIC = ("intake", "routing", "notification", "metrics", "mail-page")
"""Ports that people open; by default 8080, 8081 … in this order."""
INTERNAL = ("smtp", "amqp", "management")
FIRST = 8080
QUIET = range(20000, 30000)
"""Where free ports are looked for: below those that the system hands to outgoing connections, which could otherwise
take the port of a part that is just being restarted."""


def choose_ports(
    asked: Mapping[str, int],
    base: int | None,
    remembered: Mapping[str, int],
    wanted: Mapping[str, bool],
    free: Callable[[int], bool] = is_free,
) -> dict[str, int]:
    """A port for each part that is `wanted`. An asked port of 0, or a base of 0, means: any free one.

    Raises WrongCall for a port that is taken, save for internal ones of last time, which are replaced.
    """
    chosen: dict[str, int] = {}
    for place, part in enumerate(PUBLIC):
        if wanted.get(part, True):
            usual = remembered.get(part, FIRST + place) if base is None else base and base + place
            chosen[part] = _public(part, asked.get(part, usual), set(chosen.values()), free)
    for part in INTERNAL:
        if wanted.get(part, True):
            known = remembered.get(part, 0)
            usable = known and known not in chosen.values() and free(known)
            chosen[part] = known if usable else any_free(set(chosen.values()), free)
    return chosen


def _public(part: str, port: int, taken: set[int], free: Callable[[int], bool]) -> int:
    if not port:
        return any_free(taken, free)
    if port > 65535:
        raise WrongCall(f"Port {port}, wanted for {part}, does not exist: choose one up to 65535.")
    if port in taken:
        raise WrongCall(
            f"Port {port} is wanted for {part} and for another part too: choose another with --{part}-port."
        )
    if not free(port):
        raise WrongCall(
            f"Port {port} on {LOOPBACK}, wanted for {part}, is taken by another program: stop that one, "
            f"or choose another with --{part}-port or --port-base."
        )
    return port


def any_free(taken: set[int], free: Callable[[int], bool] = is_free) -> int:
    """A free port that is not among those taken. Raises WrongCall when there is none."""
    for port in random.sample(QUIET, len(QUIET)):
        if port not in taken and free(port):
            return port
    raise WrongCall(f"No port from {QUIET.start} to {QUIET.stop - 1} is free on {LOOPBACK}.")
