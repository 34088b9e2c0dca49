"""The TCP ports of one node, and another start on other ports when a program takes one of them."""

import re
from collections.abc import Callable, Mapping

from concord_nodes.errors import NodeError, PortTaken
from concord_nodes.tcp_ports import LOOPBACK, choose_port, free_port, is_free

ATTEMPTS = 5
PORT_IN_USE = re.compile(r"eaddrinuse|address already in use|is taken by another program", re.IGNORECASE)


class NodePorts:
    """Chooses a port for each listener: the requested one, else the remembered one, else a free one."""

    def __init__(self, node: str, requested: Mapping[str, int]) -> None:
        """`requested` names every listener of the node; a port of 0 means any free one."""
        self._node = node
        self._requested = dict(requested)

    def start(self, attempt: Callable[[Mapping[str, int]], None], remembered: Mapping[str, int]) -> None:
        """Run `attempt` on chosen ports. Run it again on others while it fails because a program took a port.

        A failed attempt must leave no process of the node that listens. Raises the error of `attempt` when no port is
        the cause. Raises PortTaken when another program has a requested port, and NodeError after ATTEMPTS attempts.
        """
        for _ in range(ATTEMPTS):
            ports = self._chosen(remembered)
            try:
                return attempt(ports)
            except NodeError as error:
                remembered = self._still_usable(ports, error)
        raise NodeError(
            f"{self._node} lost its ports to other programs {ATTEMPTS} times in a row.",
            "Stop programs that open and close many ports, and start it again.",
        )

    def _chosen(self, remembered: Mapping[str, int]) -> dict[str, int]:
        chosen: dict[str, int] = {}
        for listener, requested in self._requested.items():
            port = choose_port(requested, remembered.get(listener, 0), self._label(listener))
            if port in chosen.values() and not requested:
                port = free_port(chosen.values())
            chosen[listener] = port
        return chosen

    def _still_usable(self, ports: Mapping[str, int], error: NodeError) -> Mapping[str, int]:
        """Return the ports to use again: none when a program had one only for a moment, as nothing shows which."""
        taken = [listener for listener, port in ports.items() if not is_free(port)]
        if not taken and not PORT_IN_USE.search(str(error)):
            raise error
        for listener in taken:
            if self._requested[listener]:
                raise PortTaken(LOOPBACK, ports[listener], self._label(listener)) from error
        return {listener: port for listener, port in ports.items() if taken and listener not in taken}

    def _label(self, listener: str) -> str:
        return f"{self._node} ({listener})" if len(self._requested) > 1 else self._node
