"""Errors of nodes. Every error text ends with what to do."""


class NodeError(Exception):
    """A node does not start, stop or answer."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class PartMissing(NodeError):
    """This machine lacks the program that the node runs."""


class PortTaken(NodeError):
    """Another program listens on the requested port."""

    def __init__(self, host: str, port: int, what: str) -> None:
        super().__init__(
            f"Port {port} on {host}, wanted for {what}, is taken by another program.",
            "Stop that program or choose another port.",
        )
