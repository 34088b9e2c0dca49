"""TCP ports of the parts: from an option, from the last run, or the default."""

from collections.abc import Callable, Collection, Mapping

from concord_cli.common.errors import UsageError
from concord_nodes.tcp_ports import LOOPBACK, claim, free_port, is_free

PUBLIC = ("intake", "routing", "notification", "metrics", "mail-page")
"""Parts with a port for people; the defaults are 8080, 8081 … in this order."""
INTERNAL = ("smtp", "amqp", "management")
FIRST_PORT = 8080
MAX_PORT = 65535


def choose_ports(
    requested: Mapping[str, int],
    base: int | None,
    remembered: Mapping[str, int],
    wanted: Mapping[str, bool],
    free: Callable[[int], bool] = is_free,
    claimed: Callable[[int], bool] = claim,
    any_free: Callable[[Collection[int]], int] = free_port,
) -> dict[str, int]:
    """Return a TCP port for each part that is `wanted`. A requested port or a base of 0 means any free one.

    `claimed` reserves a port of the last run, `any_free` a new one outside its argument. Raises UsageError for a port
    in use, except for an internal one of the last run, which gets a replacement.
    """
    ports: dict[str, int] = {}
    for position, part in enumerate(PUBLIC):
        if wanted.get(part, True):
            default = remembered.get(part, FIRST_PORT + position) if base is None else base and base + position
            port = requested.get(part, default)
            ports[part] = _checked(part, port, ports.values(), free) if port else any_free(ports.values())
    for part in INTERNAL:
        if wanted.get(part, True):
            known = remembered.get(part, 0)
            usable = known and known not in ports.values() and claimed(known)
            ports[part] = known if usable else any_free(ports.values())
    return ports


def replaceable(requested: Mapping[str, int], base: int | None) -> set[str]:
    """Return the parts without a requested port: `choose_ports` replaces theirs if it is in use."""
    return {*INTERNAL, *(part for part in PUBLIC if requested.get(part, base) == 0)}


def _checked(part: str, port: int, others: Collection[int], free: Callable[[int], bool]) -> int:
    if port > MAX_PORT:
        raise UsageError(f"Port {port} of {part} does not exist: choose one up to {MAX_PORT}.")
    if port in others:
        raise UsageError(f"Port {port} of {part} is also the port of another part: choose another with --{part}-port.")
    if not free(port):
        raise UsageError(
            f"Port {port} on {LOOPBACK}, wanted for {part}, is taken by another program: stop that one, "
            f"or choose another with --{part}-port or --port-base."
        )
    return port
