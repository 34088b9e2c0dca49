"""The ports of one node, and starting it again on others when another program takes one of them."""

import re
from collections.abc import Callable, Mapping

from concord_nodes.errors import NodeError, PortTaken
from concord_nodes.tcp_ports import LOOPBACK, choose_port, free_port, is_free

ATTEMPTS = 5
PORT_IN_USE = re.compile(r"eaddrinuse|address already in use|is taken by another program", re.IGNORECASE)


class NodePorts:
    """Each listener's port by the listener's name: as asked, else as remembered, else a free one."""

    def __init__(self, node: str, asked: Mapping[str, int]) -> None:
        """`asked` has every listener of the node; a port of 0 is chosen."""
        self._node = node
        self._asked = dict(asked)

    def start(self, attempt: Callable[[Mapping[str, int]], None], remembered: Mapping[str, int]) -> None:
        """Run `attempt` on chosen ports, and again on others while it fails because a chosen port is taken.

        After a failed attempt nothing of the node may listen any more. Raises what `attempt` raises when no port is
        the cause, PortTaken when a port asked for is taken, and NodeError after ATTEMPTS attempts.
        """
        for _ in range(ATTEMPTS):
            ports = self._chosen(remembered)
            try:
                return attempt(ports)
            except NodeError as error:
                remembered = self._kept(ports, error)
        raise NodeError(
            f"{self._node} lost its ports to other programs {ATTEMPTS} times in a row.",
            "Stop programs that open and close many ports, and start it again.",
        )

    def _chosen(self, remembered: Mapping[str, int]) -> dict[str, int]:
        chosen: dict[str, int] = {}
        for listener, asked in self._asked.items():
            port = choose_port(asked, remembered.get(listener, 0), self._label(listener))
            if port in chosen.values() and not asked:
                port = free_port(chosen.values())
            chosen[listener] = port
        return chosen

    def _kept(self, ports: Mapping[str, int], error: NodeError) -> Mapping[str, int]:
        """The ports to use again; none when one of them was taken only for a moment, as it is not known which."""
        taken = [listener for listener, port in ports.items() if not is_free(port)]
        if not taken and not PORT_IN_USE.search(str(error)):
            raise error
        for listener in taken:
            if self._asked[listener]:
                raise PortTaken(LOOPBACK, ports[listener], self._label(listener)) from error
        return {listener: port for listener, port in ports.items() if taken and listener not in taken}

    def _label(self, listener: str) -> str:
        return f"{self._node} ({listener})" if len(self._asked) > 1 else self._node
