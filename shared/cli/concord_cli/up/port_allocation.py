"""Which port each part listens on: as asked, else as last time, else the usual one."""

from collections.abc import Callable, Collection, Mapping

from concord_cli.common.errors import UsageError
from concord_nodes.tcp_ports import LOOPBACK, claim, free_port, is_free

PUBLIC = ("intake", "routing", "notification", "metrics", "mail-page")
"""Ports that people open; by default 8080, 8081 … in this order."""
INTERNAL = ("smtp", "amqp", "management")
FIRST = 8080


def choose_ports(
    asked: Mapping[str, int],
    base: int | None,
    remembered: Mapping[str, int],
    wanted: Mapping[str, bool],
    free: Callable[[int], bool] = is_free,
    claimed: Callable[[int], bool] = claim,
    any_free: Callable[[Collection[int]], int] = free_port,
) -> dict[str, int]:
    """A port for each part that is `wanted`. An asked port of 0, or a base of 0, means: any free one.

    `claimed` reserves a port of last time, `any_free` a new one that is not among those given. Raises UsageError for a
    port that is taken, save for internal ones of last time, which are replaced.
    """
    chosen: dict[str, int] = {}
    for place, part in enumerate(PUBLIC):
        if wanted.get(part, True):
            usual = remembered.get(part, FIRST + place) if base is None else base and base + place
            port = asked.get(part, usual)
            chosen[part] = _public(part, port, chosen.values(), free) if port else any_free(chosen.values())
    for part in INTERNAL:
        if wanted.get(part, True):
            known = remembered.get(part, 0)
            usable = known and known not in chosen.values() and claimed(known)
            chosen[part] = known if usable else any_free(chosen.values())
    return chosen


def replaceable(asked: Mapping[str, int], base: int | None) -> set[str]:
    """The parts whose port nobody asked for: `choose_ports` gives them others when theirs are taken."""
    return {*INTERNAL, *(part for part in PUBLIC if asked.get(part, base) == 0)}


def _public(part: str, port: int, taken: Collection[int], free: Callable[[int], bool]) -> int:
    if port > 65535:
        raise UsageError(f"Port {port}, wanted for {part}, does not exist: choose one up to 65535.")
    if port in taken:
        raise UsageError(
            f"Port {port} is wanted for {part} and for another part too: choose another with --{part}-port."
        )
    if not free(port):
        raise UsageError(
            f"Port {port} on {LOOPBACK}, wanted for {part}, is taken by another program: stop that one, "
            f"or choose another with --{part}-port or --port-base."
        )
    return port
